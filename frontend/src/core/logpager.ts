/** Loads what is not there yet: older pages at the top, the lines of a gap. One thing at a time. */
import { copyLine, mergeInto } from './logmerge';
import { FetchError, fetchLines, fetchOlder } from './logpages';
import type { Notice } from './logprotocol';
import { cursorBefore, OVERLAP_NANOS, SeenLines } from './logseen';
import type { LogSession } from './logsession';
import { KIND_NOTICE, KIND_STDERR, LogStore } from './logstore';
import { compareInstants, type Instant, parseInstant, shiftInstant, toMillis } from './logtime';

/** A gap this short is filled without being asked for. */
const AUTO_FILL_MS = 10 * 60_000;
const MOST_FILLED = 200_000;
const FILL_AFTER_MS = 500;
/** Lines below the screen that stay when older ones push out newer ones. */
const KEEP_BELOW = 1_000;

export class LogPager {
  busy = false;
  #round = 0;
  #fillTimer: number | undefined;

  constructor(readonly session: LogSession) {}

  /** The view starts anew: what is under way is no longer wanted. */
  cancel(): void {
    this.#round++;
    this.busy = false;
  }

  /** Loads the page before the oldest lines. */
  async older(): Promise<void> {
    const { top } = this.session;
    const sources = top.limiting();
    if (sources.length === 0) {
      for (const past of top.pasts) past.atStart = true;
      this.prepend(top.lower());
      return;
    }
    await this.#run(async (current) => {
      const pages = await Promise.all(sources.map((source) => this.#page(source)));
      if (!current()) return;
      for (const [i, source] of sources.entries()) top.add(source, pages[i] ?? null);
      this.prepend(top.lower());
    });
  }

  /** Fills short gaps, one after the other, as soon as nothing else is under way. */
  fillSoon(): void {
    this.#fillTimer ??= this.session.setTimeout(() => {
      this.#fillTimer = undefined;
      void this.#fillNext();
    }, FILL_AFTER_MS);
  }

  async #fillNext(): Promise<void> {
    const line = this.#shortGap();
    if (line === null) return;
    // A refusal would be repeated for ever; a lost connection comes back.
    if (this.busy || (await this.fill(line)) !== 'refused') this.fillSoon();
  }

  /** Fetches the lines of the gap that is shown at `line`. */
  async fill(line: number): Promise<Result> {
    const { store } = this.session;
    const gap = readGap(store, line);
    const source = store.locate(line)?.[0].sources[line - (store.locate(line)?.[0].first ?? 0)];
    if (gap === null || source === undefined) return 'refused';
    return this.#run(async (current) => {
      const [before, after] = [this.#around(line, source, gap, -1), this.#around(line, source, gap, 1)];
      const expected = before.left;
      const args = { ...this.#args(source), since: gap.since, until: gap.until, tail: 'all' };
      const open = this.session.stream.bind(this.session);
      const { lines, full } = await fetchLines(open, args, source, [before, after], MOST_FILLED);
      if (!current()) return;
      this.#replaceGap(line, source, gap, lines, { lost: expected > 0 && before.left === expected, full });
    });
  }

  async #run(work: (current: () => boolean) => Promise<void>): Promise<Result> {
    if (this.busy) return 'lost';
    this.busy = true;
    const round = ++this.#round;
    this.session.changed();
    try {
      await work(() => round === this.#round);
      return 'done';
    } catch (error) {
      if (!(error instanceof FetchError)) throw error;
      if (round !== this.#round || error.status === 0) return 'lost';
      this.session.env.post({ t: 'failed', message: error.message });
      return 'refused';
    } finally {
      if (round === this.#round) {
        this.busy = false;
        this.session.changed();
      }
    }
  }

  #page(source: number): Promise<LogStore | null> {
    const { session } = this;
    const past = session.top.past(source);
    const before = () => cursorBefore(past.held, source) ?? cursorBefore(session.store, source);
    const until = before()?.until ?? shiftInstant(past.known as Instant, OVERLAP_NANOS);
    return fetchOlder(session.stream.bind(session), {
      source,
      args: this.#args(source),
      until,
      seen: () => before()?.seen ?? new SeenLines(),
      depth: this.#depth(source),
    });
  }

  /** How many messages of a source are known to be in the Engine from its oldest known line on. */
  #depth(source: number): number {
    let count = this.session.top.past(source).held.count + (this.session.feeds[source]?.beyond ?? 0);
    for (const chunk of this.session.store.chunks) {
      for (let i = 0; i < chunk.count; i++) if (chunk.sources[i] === source) count++;
    }
    return count;
  }

  #args(source: number): Record<string, unknown> {
    const { stdout, stderr, details, since } = this.session.options;
    return { id: this.session.feeds[source]?.spec.id, stdout, stderr, details, since };
  }

  /** Puts lines older than all others on top, at the cost of the newest ones if memory is short. */
  prepend(lines: LogStore): void {
    const { session } = this;
    if (lines.count > 0) {
      session.store.prepend(lines);
      const keep = (session.rows.line(session.view.last) ?? session.store.first) + KEEP_BELOW;
      const dropped = session.store.trimBack(session.limit, keep);
      if (dropped > 0) {
        for (const feed of session.feeds) feed.beyond += dropped;
        session.pause();
      }
    }
    session.changed();
  }

  /** The known lines of a source before (-1) or after (1) a gap: they come again when its lines are fetched. */
  #around(line: number, source: number, gap: Gap, step: 1 | -1): SeenLines {
    const { store } = this.session;
    const seen = new SeenLines();
    const low = shiftInstant(gap.from, -OVERLAP_NANOS);
    const high = shiftInstant(gap.to, OVERLAP_NANOS);
    for (let number = line + step; ; number += step) {
      const place = store.locate(number);
      if (place === null) return seen;
      const [chunk, i] = place;
      const kind = chunk.kinds[i] as number;
      const time = chunk.time(i);
      if (kind & KIND_NOTICE) continue;
      if (compareInstants(time, low) < 0 || compareInstants(time, high) > 0) return seen;
      if (chunk.sources[i] === source) seen.add(time, (kind & KIND_STDERR) !== 0);
    }
  }

  #replaceGap(
    line: number,
    source: number,
    gap: Gap,
    lines: LogStore,
    how: { lost: boolean; full: boolean },
  ): void {
    const { store } = this.session;
    const merged = this.session.feeds.length > 1;
    const rest = new LogStore(64 << 10);
    const last = lines.time(lines.next - 1);
    const notice: Notice | null = how.lost
      ? { kind: 'lost', from: gap.notice.from, to: gap.notice.to }
      : how.full && last !== null
        ? { kind: 'gap', from: text(last), to: gap.notice.to, large: true }
        : null;
    if (notice !== null) {
      const data = new TextEncoder().encode(JSON.stringify(notice));
      const at = how.lost ? gap.from : (last as Instant);
      rest.append(data, 0, data.length, at, KIND_NOTICE, source);
    }
    if (merged) {
      store.replace(line, line + 1, new LogStore());
      mergeInto(store, lines);
      mergeInto(store, rest);
    } else {
      for (let n = rest.first; n < rest.next; n++) copyLine(rest, n, lines);
      store.replace(line, line + 1, lines);
    }
  }

  #shortGap(): number | null {
    const { store } = this.session;
    for (let line = store.next - 1; line >= store.first; line--) {
      if (!(store.kind(line) & KIND_NOTICE)) continue;
      const gap = readGap(store, line);
      if (gap?.large === false && toMillis(gap.to) - toMillis(gap.from) < AUTO_FILL_MS) return line;
    }
    return null;
  }
}

/** `lost`: the connection broke, or something else was under way. */
type Result = 'done' | 'lost' | 'refused';

interface Gap {
  readonly large: boolean;
  readonly notice: { readonly from: string; readonly to: string };
  readonly from: Instant;
  readonly to: Instant;
  /** What to ask the Engine for, a little more on both sides. */
  readonly since: string;
  readonly until: string;
}

function text(time: Instant): string {
  return `${time.sec}.${String(time.nano).padStart(9, '0')}`;
}

function readGap(store: LogStore, line: number): Gap | null {
  const stored = store.line(line);
  if (stored === null || !(stored.kind & KIND_NOTICE)) return null;
  const notice = JSON.parse(stored.text) as Notice;
  if (notice.kind !== 'gap') return null;
  const from = parseInstant(notice.from);
  const to = parseInstant(notice.to);
  if (from === null || to === null) return null;
  const since = text(shiftInstant(from, -OVERLAP_NANOS));
  return {
    large: notice.large === true,
    notice,
    from,
    to,
    since,
    until: text(shiftInstant(to, OVERLAP_NANOS)),
  };
}
