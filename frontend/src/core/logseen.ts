/**
 * Which lines are known already, when the Engine is asked again from a little before where we stopped.
 *
 * The Engine repeats whole lines by time, so a line is known by its nanosecond and its stream, counted: of five lines
 * with the same time of which two are known, the first two are skipped. Asking from a bit earlier also proves that
 * nothing is missing: our last line must come again. If it does not, the log was rotated away: a gap.
 */
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
  let cursor: { since: Instant; seen: SeenLines; last: Instant } | null = null;
  for (let number = store.next - 1; number >= store.first; number--) {
    const place = store.locate(number);
    if (place === null) break;
    const [chunk, i] = place;
    const kind = chunk.kinds[i] as number;
    if (chunk.sources[i] !== source || kind & KIND_NOTICE) continue;
    const time = chunk.time(i);
    cursor ??= { since: shiftInstant(time, -OVERLAP_NANOS), seen: new SeenLines(), last: time };
    if (compareInstants(time, cursor.since) >= 0) cursor.seen.add(time, (kind & KIND_STDERR) !== 0);
    else if (compareInstants(time, shiftInstant(cursor.since, -OVERLAP_NANOS)) < 0) break;
  }
  return cursor;
}

/** A source's first lines in the store, for asking for what came before; null when the store has none of it. */
export function cursorBefore(store: LogStore, source: number): { until: Instant; seen: SeenLines } | null {
  let cursor: { until: Instant; seen: SeenLines } | null = null;
  for (let number = store.first; number < store.next; number++) {
    const place = store.locate(number);
    if (place === null) break;
    const [chunk, i] = place;
    const kind = chunk.kinds[i] as number;
    if (chunk.sources[i] !== source || kind & KIND_NOTICE) continue;
    const time = chunk.time(i);
    cursor ??= { until: shiftInstant(time, OVERLAP_NANOS), seen: new SeenLines() };
    if (compareInstants(time, cursor.until) <= 0) cursor.seen.add(time, (kind & KIND_STDERR) !== 0);
    else if (compareInstants(time, shiftInstant(cursor.until, OVERLAP_NANOS)) > 0) break;
  }
  return cursor;
}
