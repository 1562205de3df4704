/** Loads what is not there yet: older pages at the top, the lines of a gap. One thing at a time. */
import { copyLine, mergeInto } from './logmerge';
import { FetchError, type Fetched, fetchLines, fetchOlder } from './logpages';
import type { Notice } from './logprotocol';
import { cursorBefore, knownBefore, OVERLAP_NANOS, SeenLines } from './logseen';
import type { LogSession } from './logsession';
import { KIND_NOTICE, LogStore } from './logstore';
import { type Instant, instantText, parseInstant, shiftInstant, toMillis } from './logtime';

/** A gap this short is filled without being asked for. */
const AUTO_FILL_MS = 10 * 60_000;
const MOST_FILLED = 200_000;
const FILL_AFTER_MS = 500;
/** Messages that a gap is first taken to have; if it has more, more are asked for. */
const FILL_TAIL = 30_000;
const MOST_FILL_TAIL = 50_000_000;
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
      const found = await this.#linesOf(gap, line, source);
      if (current()) this.#replaceGap(gap, source, found.lines, found);
    });
  }

  /**
   * Asks for ever longer tails until one reaches back to the lines before the gap: without a tail the Engine would read
   * its log from the start.
   */
  async #linesOf(gap: Gap, line: number, source: number): Promise<Fetched & { readonly lost: boolean }> {
    const until = instantText(shiftInstant(gap.to, OVERLAP_NANOS));
    const stop = { time: gap.to, stderr: gap.notice.err };
    const open = this.session.stream.bind(this.session);
    let tail: number | 'all' = this.#behind(line, source) + FILL_TAIL;
    for (;;) {
      const before = knownBefore(this.session.store, line, source);
      const seen = before?.seen ?? new SeenLines();
      const expected = seen.left;
      const args = { ...this.#args(source), since: instantText(before?.since ?? gap.from), until, tail };
      const attached = tail !== 'all' && expected > 0;
      const found = await fetchLines(open, args, source, { seen, stop, limit: MOST_FILLED, attached });
      const proved = seen.left < expected;
      if (proved || tail === 'all') return { ...found, lost: expected > 0 && !proved };
      tail = tail > MOST_FILL_TAIL ? 'all' : 8 * tail;
    }
  }

  /** About how many messages of a source come after a line. */
  #behind(line: number, source: number): number {
    const { store, feeds } = this.session;
    let count = feeds[source]?.beyond ?? 0;
    for (const chunk of store.chunks) {
      for (let i = Math.max(0, line - chunk.first); i < chunk.count; i++)
        if (chunk.sources[i] === source) count++;
    }
    return count;
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
    return fetchOlder(session.stream.bind(session), {
      source,
      args: this.#args(source),
      oldest: () => cursorBefore(past.held, source) ?? cursorBefore(session.store, source),
      until: past.known as Instant,
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

  /** Puts lines where the gap is; what is still missing stays a gap. */
  #replaceGap(gap: Gap, source: number, lines: LogStore, how: { lost: boolean; full: boolean }): void {
    const { store } = this.session;
    const line = findNotice(store, gap.text);
    if (line === null) return;
    const { from, to, err } = gap.notice;
    const last = lines.time(lines.next - 1);
    let rest: Notice | null = null;
    if (how.lost) rest = { kind: 'lost', from, to };
    else if (how.full && last !== null) rest = { kind: 'gap', from: instantText(last), to, err, large: true };
    const more = new LogStore(64 << 10);
    if (rest !== null) {
      const data = new TextEncoder().encode(JSON.stringify(rest));
      more.append(data, 0, data.length, gap.to, KIND_NOTICE, source);
    }
    const merged = this.session.feeds.length > 1;
    if (!merged) for (let n = more.first; n < more.next; n++) copyLine(more, n, lines);
    store.replace(line, line + 1, merged ? more : lines);
    if (merged) mergeInto(store, lines);
  }

  #shortGap(): number | null {
    const { store } = this.session;
    for (let line = store.next - 1; line >= store.first; line--) {
      if (!(store.kind(line) & KIND_NOTICE)) continue;
      const gap = readGap(store, line);
      if (gap !== null && gap.notice.large !== true && toMillis(gap.to) - toMillis(gap.from) < AUTO_FILL_MS)
        return line;
    }
    return null;
  }
}

/** `lost`: the connection broke, or something else was under way. */
type Result = 'done' | 'lost' | 'refused';

interface Gap {
  readonly text: string;
  readonly notice: Extract<Notice, { kind: 'gap' }>;
  readonly from: Instant;
  readonly to: Instant;
}

function readGap(store: LogStore, line: number): Gap | null {
  const stored = store.line(line);
  if (stored === null || !(stored.kind & KIND_NOTICE)) return null;
  const notice = JSON.parse(stored.text) as Notice;
  if (notice.kind !== 'gap') return null;
  const from = parseInstant(notice.from);
  const to = parseInstant(notice.to);
  return from === null || to === null ? null : { text: stored.text, notice, from, to };
}

/** Where a notice is now: lines may have got other numbers meanwhile. */
function findNotice(store: LogStore, text: string): number | null {
  for (const chunk of store.chunks) {
    if (chunk.notices === 0) continue;
    for (let i = 0; i < chunk.count; i++) {
      if ((chunk.kinds[i] as number) & KIND_NOTICE && chunk.string(i) === text) return chunk.first + i;
    }
  }
  return null;
}
