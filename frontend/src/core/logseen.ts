/**
 * Which lines are known already, when the Engine is asked again from a little before where we stopped.
 *
 * The Engine repeats whole lines by time, so a line is known by its nanosecond and its stream, counted: of five lines
 * with the same time of which two are known, the first two are skipped. Asking from a bit earlier also proves that
 * nothing is missing: our last line must come again. If it does not, the log was rotated away: a gap.
 */
import type { LogChunk } from './logchunk';
import type { Notice } from './logprotocol';
import { KIND_NOTICE, KIND_STDERR, type LogStore } from './logstore';
import { compareInstants, type Instant, shiftInstant } from './logtime';

/** stdout and stderr of a container may be written out of order by a few microseconds; this is plenty. */
export const OVERLAP_NANOS = 100_000_000;

export class SeenLines {
  #counts = new Map<number, number>();
  /** Lines that have not come again yet. */
  left = 0;

  add(time: Instant, stderr: boolean): void {
    const key = keyOf(time, stderr);
    this.left++;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Whether this line is one of those known; each is recognised once. */
  take(time: Instant, stderr: boolean): boolean {
    const key = keyOf(time, stderr);
    const count = this.#counts.get(key);
    if (count === undefined) return false;
    this.left--;
    if (count === 1) this.#counts.delete(key);
    else this.#counts.set(key, count - 1);
    return true;
  }
}

function keyOf(time: Instant, stderr: boolean): number {
  return ((time.sec % 100_000) * 1e9 + time.nano) * 2 + (stderr ? 1 : 0);
}

export interface Cursor {
  /** Ask the Engine from here. */
  readonly since: Instant;
  /** What will come again. */
  readonly seen: SeenLines;
  /** The last line known. */
  readonly last: Instant;
}

/** Where to go on after a source's last line in the store; null when the store has none of it. */
export function cursorAfter(store: LogStore, source: number): Cursor | null {
  return knownBefore(store, store.next, source);
}

/**
 * A source's last lines before line `end`. They reach back to the last gap at most: beyond it, what comes again could
 * not be told from what is missing.
 */
export function knownBefore(store: LogStore, end: number, source: number): Cursor | null {
  let last: Instant | null = null;
  let since = ZERO;
  let first = ZERO;
  const seen = new SeenLines();
  for (let number = end - 1; number >= store.first; number--) {
    const [chunk, i] = store.locate(number) as [LogChunk, number];
    if (chunk.sources[i] !== source) continue;
    const kind = chunk.kinds[i] as number;
    if (kind & KIND_NOTICE) {
      if (!isGap(chunk, i)) continue;
      if (last !== null) since = later(since, first);
      break;
    }
    const time = chunk.time(i);
    if (last === null) since = shiftInstant(time, -OVERLAP_NANOS);
    last ??= time;
    if (compareInstants(time, since) >= 0) seen.add(time, (kind & KIND_STDERR) !== 0);
    else if (compareInstants(time, shiftInstant(since, -OVERLAP_NANOS)) < 0) break;
    first = time;
  }
  return last === null ? null : { since, seen, last };
}

/** One line, as the Engine's stream would bring it. */
export interface KnownLine {
  readonly time: Instant;
  readonly stderr: boolean;
}

export interface Oldest {
  /** The first of them: what comes before it is older. */
  readonly first: KnownLine;
  readonly until: Instant;
  readonly seen: SeenLines;
}

/** A source's first lines in the store, for asking for what came before; null when the store has none of it. */
export function cursorBefore(store: LogStore, source: number): Oldest | null {
  let oldest: Oldest | null = null;
  for (let number = store.first; number < store.next; number++) {
    const [chunk, i] = store.locate(number) as [LogChunk, number];
    if (chunk.sources[i] !== source) continue;
    const kind = chunk.kinds[i] as number;
    if (kind & KIND_NOTICE) {
      if (oldest !== null && isGap(chunk, i)) break;
      continue;
    }
    const time = chunk.time(i);
    const stderr = (kind & KIND_STDERR) !== 0;
    oldest ??= { first: { time, stderr }, until: shiftInstant(time, OVERLAP_NANOS), seen: new SeenLines() };
    if (compareInstants(time, oldest.until) <= 0) oldest.seen.add(time, stderr);
    else if (compareInstants(time, shiftInstant(oldest.until, OVERLAP_NANOS)) > 0) break;
  }
  return oldest;
}

/** How many gaps are open: lines that the Engine may still have. */
export function openGaps(store: LogStore): number {
  let gaps = 0;
  for (const chunk of store.chunks) {
    if (chunk.notices === 0) continue;
    for (let i = 0; i < chunk.count; i++) {
      if (!((chunk.kinds[i] as number) & KIND_NOTICE)) continue;
      if (kindOf(chunk, i) === 'gap') gaps++;
    }
  }
  return gaps;
}

/** The last open gap before line `end`. */
export function gapBefore(store: LogStore, end: number): number | null {
  for (const chunk of store.chunks.toReversed()) {
    if (chunk.notices === 0) continue;
    for (let i = Math.min(chunk.count, end - chunk.first) - 1; i >= 0; i--)
      if ((chunk.kinds[i] as number) & KIND_NOTICE && kindOf(chunk, i) === 'gap') return chunk.first + i;
  }
  return null;
}

const ZERO: Instant = { sec: 0, nano: 0 };

function later(a: Instant, b: Instant): Instant {
  return compareInstants(a, b) < 0 ? b : a;
}

function isGap(chunk: LogChunk, i: number): boolean {
  const kind = kindOf(chunk, i);
  return kind === 'gap' || kind === 'lost';
}

function kindOf(chunk: LogChunk, i: number): Notice['kind'] {
  return (JSON.parse(chunk.string(i)) as Notice).kind;
}
