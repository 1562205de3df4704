/**
 * The log of one container, followed: opened at its end or around a time, continued after every interruption without
 * loss or doubles, and honest about what could not be had.
 */
import { afterDetails, continuesPrevious, type Level, levelOf } from './loglevel';
import { CONTINUES, STDERR } from './logline';
import type { LogOptions, Notice, SourceSpec, SourceState } from './logprotocol';
import type { Cursor } from './logseen';
import { KIND_CONTINUES, KIND_STDERR } from './logstore';
import type { ContainerInfo, LogStream, Outcome, Stopped, StreamEvents } from './logstream';
import { type Instant, instantText, toMillis } from './logtime';

/** After an interruption at most this many messages are fetched before the rest is shown as a gap. */
const RESUME_TAIL = 20_000;
/** Lines per step when reading on from a place in the past. */
const PAGE_LINES = 4_000;
/** Lines shown before a time that is jumped to. */
const LINES_BEFORE = 500;
const RETRY_FIRST_MS = 1_000;
const RETRY_MAX_MS = 10_000;
/** Gaps that follow each other within this time are one stall. */
const STALL_MS = 10_000;
const HEALS_WITH_TIME = new Set([500, 502, 503, 504]);

/** What a feed needs from the view it belongs to. */
export interface FeedHost {
  readonly options: LogOptions;
  /** How many sources share the tab's memory for bytes under way. */
  readonly sourceCount: number;
  /** Behind the last line of a source that is known, null when none is. */
  cursor(source: number): Cursor | null;
  stream(args: Record<string, unknown>, events: StreamEvents): LogStream;
  accept(source: number, data: Uint8Array, start: number, end: number, time: Instant, kind: number): void;
  notice(source: number, notice: Notice, time: Instant | null): void;
  /** The source begins to deliver from its cursor; what waits of it elsewhere will come again. */
  opened(source: number): void;
  /** Nobody needs to wait for this source's past. */
  settled(source: number): void;
  /** All there is of this source has come. */
  startReached(source: number): void;
  /** A source reading on from the past has delivered its step. */
  pageFull(source: number): void;
  changed(): void;
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

type Mode = 'live' | 'page';

interface LeftOut {
  readonly count: number;
  /** When the first of them was written. */
  readonly from: string;
}

export class LogFeed {
  state: SourceState = { phase: 'opening', status: 0, message: '', state: '', tty: false };
  /** Nothing older is in the Engine (or in the range). */
  atStart = false;
  /** About how many messages there are behind the last line that was taken, when not live. */
  beyond = 0;
  /** The past has been delivered. */
  live = false;
  #stream: LogStream | null = null;
  #opened = 0;
  #mode: Mode = 'live';
  #left = Number.POSITIVE_INFINITY;
  #tail: number | 'all' = 'all';
  #cursor: Cursor | null = null;
  #proved = true;
  #levels: [Level, Level] = [0, 0];
  #retries = 0;
  #full = false;
  #retryTimer: number | undefined;
  #stoppedAt = '';
  /** What was left out before the next line, and when that happened last. */
  #gap: LeftOut | null = null;
  #missedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly host: FeedHost,
    readonly spec: SourceSpec,
    readonly source: number,
  ) {}

  /** Reading on from the past, a step has been delivered; nothing more is read until `resume`. */
  get full(): boolean {
    return this.#full;
  }

  /** A container that has joined a running view: what it wrote from then on. */
  join(since: string): void {
    this.#cursor = null;
    this.#tail = 0;
    this.#open({ tail: 'all', since });
  }

  /** Opens the log as the options say: its last lines, or those around a time. */
  start(): void {
    const { at, tail, until } = this.host.options;
    this.#cursor = null;
    this.#proved = true;
    this.#mode = at === null ? 'live' : 'page';
    this.#left = at === null ? Number.POSITIVE_INFINITY : PAGE_LINES;
    this.#tail = tail;
    if (at !== null) this.#open({ at, before: LINES_BEFORE });
    else if (until !== null && tail !== 'all') this.#open({ at: until, before: tail });
    else this.#open({ tail });
  }

  /** Goes on behind the last line in the store: `live` after an interruption, `page` when reading on. */
  resume(mode: Mode): void {
    this.close();
    this.#cursor = this.host.cursor(this.source);
    this.#mode = mode;
    this.#left = mode === 'page' ? PAGE_LINES : Number.POSITIVE_INFINITY;
    this.#reach(mode === 'page' ? Math.max(RESUME_TAIL, 2 * this.beyond) : RESUME_TAIL);
  }

  /** Stops reading; `resume` goes on. */
  pause(): void {
    if (this.state.phase === 'failed' || this.state.phase === 'complete') return;
    this.close();
    this.#set({ phase: 'paused' });
  }

  close(): void {
    this.#stream?.close();
    this.#stream = null;
    if (this.#retryTimer !== undefined) this.host.clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }

  #reach(tail: number | 'all'): void {
    this.#tail = this.#cursor ? tail : this.host.options.tail;
    this.#proved = this.#cursor === null;
    const since = this.#cursor ? instantText(this.#cursor.since) : this.host.options.since;
    this.#open({ tail: this.#tail, since });
  }

  #open(place: Record<string, unknown>): void {
    this.#stream?.close();
    this.host.opened(this.source);
    this.live = this.#full = false;
    this.#gap = null;
    this.#opened = Number.POSITIVE_INFINITY;
    const { stdout, stderr, details, since, until } = this.host.options;
    const window = Math.max(64 << 10, Math.floor((2 << 20) / this.host.sourceCount));
    const args = {
      id: this.spec.id,
      follow: until === null,
      stdout,
      stderr,
      details,
      since,
      until,
      window,
      ...place,
    };
    this.#set({ phase: 'opening' });
    this.#stream = this.host.stream(args, {
      line: (data, start, end, time, flags) => this.#line(data, start, end, time, flags),
      info: (info) => this.#info(info),
      located: (tail) => {
        this.beyond = tail;
      },
      caughtUp: () => {
        this.#whole();
        this.#caughtUp();
      },
      stopped: (stopped) => this.#stopped(stopped),
      missed: (count, first) => this.#leftOut(count, first),
      done: (outcome) => this.#done(outcome),
    });
  }

  #info(info: ContainerInfo): void {
    this.#opened = info.now;
    this.#retries = 0;
    this.#set({ phase: 'opening', state: info.state, tty: info.tty, status: 0, message: '' });
  }

  #line(data: Uint8Array, start: number, end: number, time: Instant, flags: number): void {
    const stderr = flags & STDERR ? 1 : 0;
    if (this.#cursor !== null) {
      if (this.#cursor.seen.take(time, stderr === 1)) {
        this.#proved = true;
        return;
      }
      if (!this.#proved && !this.#missing(time, stderr === 1)) return;
    }
    if (this.#gap !== null) this.#markGap(this.#gap, time, stderr === 1);
    const message = this.host.options.details ? afterDetails(data, start, end) : start;
    const level = levelOf(data, message, end);
    const inherited =
      level === 0 && continuesPrevious(data, message, end) ? (this.#levels[stderr] as Level) : level;
    this.#levels[stderr] = inherited;
    const kind = inherited | (stderr ? KIND_STDERR : 0) | (flags & CONTINUES ? KIND_CONTINUES : 0);
    this.host.accept(this.source, data, start, end, time, kind);
    if (!this.live && toMillis(time) >= this.#opened) {
      if (this.#tail === 'all') this.#whole();
      this.#caughtUp();
    }
    if (--this.#left <= 0 && !this.live) this.#pageFull();
  }

  /** Our last line did not come again. Returns whether to take what comes all the same. */
  #missing(time: Instant, err: boolean): boolean {
    const last = (this.#cursor as Cursor).last;
    if (this.#tail !== 'all' && this.#mode === 'page') {
      this.#reach(this.#tail > 1e7 ? 'all' : 8 * this.#tail);
      return false;
    }
    this.#proved = true;
    const [from, to] = [instantText(last), instantText(time)];
    const gone = this.#tail === 'all';
    this.host.notice(this.source, gone ? { kind: 'lost', from, to } : { kind: 'gap', from, to, err }, time);
    return true;
  }

  /** This tab could not keep up: messages before the next one were left out. */
  #leftOut(count: number, first: string): void {
    this.#gap = { count: count + (this.#gap?.count ?? 0), from: this.#gap?.from ?? first };
  }

  /** A short stall is made good at once. What goes on and on would only get slower by fetching it as well. */
  #markGap(gap: LeftOut, time: Instant, err: boolean): void {
    this.#gap = null;
    const large = this.host.now() - this.#missedAt < STALL_MS;
    this.#missedAt = this.host.now();
    const notice: Notice = { kind: 'gap', from: gap.from, to: instantText(time), err, count: gap.count };
    this.host.notice(this.source, large ? { ...notice, large } : notice, time);
  }

  #caughtUp(): void {
    if (this.live) return;
    this.live = true;
    this.beyond = 0;
    this.#left = Number.POSITIVE_INFINITY;
    this.host.settled(this.source);
    if (this.state.phase === 'opening') this.#set({ phase: 'live' });
  }

  /** Fewer messages came than were asked for: it is the whole log, if nothing was filtered out. */
  #whole(): void {
    const { stdout, stderr, since, at } = this.host.options;
    const all = this.#cursor === null && stdout && stderr && since === null && at === null;
    const isWhole = this.#tail === 'all' ? !this.live : (this.#stream?.messages ?? 0) < this.#tail;
    if (all && isWhole) this.host.startReached(this.source);
  }

  #pageFull(): void {
    const received = this.#stream?.messages ?? 0;
    this.beyond = Math.max(0, this.beyond - received);
    this.close();
    this.#full = true;
    this.host.pageFull(this.source);
  }

  #stopped(stopped: Stopped): void {
    this.#whole();
    this.#caughtUp();
    const news = stopped.finished !== this.#stoppedAt;
    this.#stoppedAt = stopped.finished;
    this.#set({ phase: 'stopped', state: stopped.state });
    if (!news || stopped.state === 'created') return;
    const { exit, oom, error } = stopped;
    this.host.notice(this.source, { kind: 'stopped', exit, oom, error }, null);
  }

  #done(outcome: Outcome): void {
    const messages = this.#stream?.messages ?? 0;
    this.#stream = null;
    if (outcome.kind === 'dropped') this.#lost(0, '');
    else if (outcome.kind === 'error') this.#failed(outcome.status, outcome.message);
    else this.#ended(outcome.reason, messages);
  }

  #ended(reason: string, messages: number): void {
    if (reason === 'complete') {
      this.beyond = Math.max(0, this.beyond - messages);
      this.host.settled(this.source);
      this.#set({ phase: 'complete' });
      return;
    }
    this.#caughtUp();
    if (reason === 'started' || reason === 'restarted') {
      this.host.notice(this.source, { kind: 'started' }, null);
      this.resume('live');
    } else if (reason === 'removed') {
      this.host.notice(this.source, { kind: 'removed' }, null);
      this.#set({ phase: 'failed', status: 404, message: 'The container was removed.', state: 'removed' });
    } else this.#failed(503, 'The Engine ended the log.');
  }

  #failed(status: number, message: string): void {
    this.host.settled(this.source);
    if (!HEALS_WITH_TIME.has(status)) {
      this.#set({ phase: 'failed', status, message });
      return;
    }
    this.#set({ phase: 'lost', status, message });
    const delay = Math.min(RETRY_MAX_MS, RETRY_FIRST_MS * 2 ** this.#retries++);
    this.#retryTimer = this.host.setTimeout(() => this.#again(), delay);
  }

  /** The connection was lost: the next stream waits in the socket until it is back. */
  #lost(status: number, message: string): void {
    this.host.settled(this.source);
    this.#set({ phase: 'lost', status, message });
    this.#again();
  }

  #again(): void {
    const { status, message } = this.state;
    if (this.host.cursor(this.source) !== null) this.resume(this.#mode);
    else this.start();
    this.#set({ phase: 'lost', status, message });
  }

  #set(change: Partial<SourceState>): void {
    this.state = { ...this.state, ...change };
    this.host.changed();
  }
}
