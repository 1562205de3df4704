/**
 * A log view without its face: sources, lines, rows, query. It runs in a worker and speaks logprotocol.ts.
 */
import { LogAnswers } from './loganswers';
import { LogChannels } from './logchannels';
import type { LogChunk } from './logchunk';
import { type FeedHost, LogFeed } from './logfeed';
import { LogMerge, mergeInto, WINDOW_MS } from './logmerge';
import { LogPager } from './logpager';
import type { LogOptions, Notice, PageMessage, SourceSpec, WorkerMessage } from './logprotocol';
import { LogQuery, type Matcher } from './logquery';
import { LogReport } from './logreport';
import { RowIndex } from './logrows';
import { type Cursor, cursorAfter } from './logseen';
import { KIND_NOTICE, LogStore } from './logstore';
import type { LogStream, StreamEvents } from './logstream';
import { compareInstants, fromMillis, type Instant, instantText } from './logtime';
import { LogTop } from './logtop';

export interface SessionEnvironment {
  post(message: WorkerMessage): void;
  matcher(): Matcher;
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

/** A container that joins is read from a little before it was noticed. */
const JOIN_SLACK_MS = 10_000;
const MOST_SOURCES = 250;

type Command = Exclude<PageMessage, { t: 'bytes' | 'message' | 'dropped' | 'ask' }>;

export class LogSession implements FeedHost {
  options: LogOptions = {
    stdout: true,
    stderr: true,
    details: false,
    since: null,
    until: null,
    tail: 1000,
    at: null,
  };
  readonly store = new LogStore();
  readonly top = new LogTop();
  readonly rows = new RowIndex(this.store);
  readonly query: LogQuery;
  readonly pager: LogPager;
  feeds: LogFeed[] = [];
  /** The lower edge is not connected to the live end: reading has stopped. */
  paused = false;
  /** Lines that had to go because of the limit. */
  dropped = 0;
  /** The rows on screen, and whether the page stays at the end. */
  view: { readonly first: number; readonly last: number; readonly following: boolean } = {
    first: 0,
    last: 0,
    following: true,
  };
  /** Bytes that lines may take. */
  limit = 144 << 20;
  #answers: LogAnswers;
  #report: LogReport;
  #channels: LogChannels;
  #merge = new LogMerge((chunk, i) => this.#merged(chunk, i));
  #late = new LogStore(64 << 10);
  #wanted = { level: 0, matches: false, context: 0 };

  constructor(readonly env: SessionEnvironment) {
    this.query = new LogQuery({
      store: this.store,
      matcher: () => env.matcher(),
      changed: () => this.changed(),
      marks: (items) => env.post({ t: 'marks', items }),
      setTimeout: (callback, ms) => env.setTimeout(callback, ms),
      clearTimeout: (id) => env.clearTimeout(id),
    });
    this.#answers = new LogAnswers(this.store, this.rows, this.query);
    this.#report = new LogReport(env, this, this.#answers);
    this.#channels = new LogChannels(env);
    this.pager = new LogPager(this);
  }

  receive(message: PageMessage): void {
    if (message.t === 'bytes') this.#channels.bytes(message.key, message.data);
    else if (message.t === 'message') this.#channels.message(message.key, message.message);
    else if (message.t === 'dropped') this.#channels.dropped(message.key);
    else if (message.t === 'ask') {
      this.#settleRows();
      this.env.post({ t: 'answer', id: message.id, answer: this.#answers.answer(message.question) });
    } else this.#command(message);
  }

  #command(message: Command): void {
    if (message.t === 'start') this.#start(message.sources, message.options, message.limit);
    else if (message.t === 'join') this.#join(message.sources);
    else if (message.t === 'viewport') this.view = message;
    else if (message.t === 'older') void this.pager.older();
    else if (message.t === 'newer') this.#newer();
    else if (message.t === 'fill') void this.pager.fill(message.line);
    else if (message.t === 'marks') this.query.mark(message.items);
    else {
      if (message.t === 'filter') this.#wanted = message;
      else this.query.set(message.query);
      this.#filter();
    }
  }

  // ---- what feeds need ----------------------------------------------------------------------------------------

  get sourceCount(): number {
    return this.feeds.length;
  }

  cursor(source: number): Cursor | null {
    return cursorAfter(this.store, source) ?? cursorAfter(this.top.past(source).held, source);
  }

  stream(args: Record<string, unknown>, events: StreamEvents): LogStream {
    return this.#channels.open(args, events);
  }

  accept(source: number, data: Uint8Array, start: number, end: number, time: Instant, kind: number): void {
    this.top.saw(source, time);
    if (this.feeds.length > 1) this.#merge.add(source, data, start, end, time, kind, this.env.now());
    else this.store.append(data, start, end, time, kind, source);
    if (this.feeds[source]?.live) this.#report.lines++;
    this.changed();
  }

  notice(source: number, notice: Notice, time: Instant | null): void {
    const data = new TextEncoder().encode(JSON.stringify(notice));
    const when = time ?? this.cursor(source)?.last ?? fromMillis(this.env.now());
    if (this.feeds.length > 1)
      this.#merge.add(source, data, 0, data.length, when, KIND_NOTICE, this.env.now());
    else this.store.append(data, 0, data.length, when, KIND_NOTICE, source);
    this.changed();
    if (notice.kind === 'gap') this.pager.fillSoon();
  }

  opened(source: number): void {
    this.#merge.open(source);
  }

  settled(source: number): void {
    this.#merge.settle(source);
    if (this.feeds.some((feed) => feed.full)) this.#endPage();
    this.changed();
  }

  startReached(source: number): void {
    if (this.dropped > 0) return; // the lines above ours are the Engine's to give again
    this.top.past(source).atStart = true;
    if (this.feeds.length > 1) this.pager.prepend(this.top.lower());
  }

  pageFull(source: number): void {
    this.#merge.cut(source);
    this.#endPage();
  }

  changed(): void {
    this.#report.soon();
  }

  now(): number {
    return this.env.now();
  }

  setTimeout(callback: () => void, ms: number): number {
    return this.env.setTimeout(callback, ms);
  }

  clearTimeout(id: number): void {
    this.env.clearTimeout(id);
  }

  // ---- the view -----------------------------------------------------------------------------------------------

  /** Lets go of the live end; `newer` goes on. */
  pause(): void {
    this.paused = true;
    for (const feed of this.feeds) feed.pause();
    this.#merge.clear();
    this.changed();
  }

  /** Brings everything up to date before the page is told. */
  settle(now: number): void {
    this.#merge.release(now);
    if (this.#late.count > 0) {
      mergeInto(this.store, this.#late);
      this.#late.clear();
    }
    this.#trim();
    this.query.advance();
    this.#settleRows();
    if (this.#merge.waiting > 0) this.#report.later(WINDOW_MS / 4);
  }

  #start(sources: readonly SourceSpec[], options: LogOptions, limit: number): void {
    this.limit = limit;
    for (const feed of this.feeds) feed.close();
    this.pager.cancel();
    this.options = options;
    this.store.clear();
    this.top.reset();
    this.#merge = new LogMerge((chunk, i) => this.#merged(chunk, i));
    this.#late.clear();
    this.paused = false;
    this.dropped = 0;
    this.feeds = sources.map((spec, source) => new LogFeed(this, spec, source));
    for (const feed of this.feeds) {
      this.top.past(feed.source);
      feed.start();
    }
    this.changed();
  }

  #join(sources: readonly SourceSpec[]): void {
    const since = instantText(fromMillis(this.env.now() - JOIN_SLACK_MS));
    for (const spec of sources) {
      if (this.feeds.some((feed) => feed.spec.id === spec.id) || this.feeds.length >= MOST_SOURCES) continue;
      const feed = new LogFeed(this, spec, this.feeds.length);
      this.feeds.push(feed);
      this.top.past(feed.source).known = this.top.floor;
      if (!this.paused && this.options.until === null) feed.join(since);
    }
    this.changed();
  }

  #newer(): void {
    if (!this.paused) return;
    this.paused = false;
    for (const feed of this.feeds) if (feed.state.phase === 'paused') feed.resume('page');
    this.changed();
  }

  /** Reading on from the past stops when every source has delivered its step or is at the live end. */
  #endPage(): void {
    const reading = this.feeds.some((feed) => feed.state.phase === 'opening' && !feed.full && !feed.live);
    if (reading) return;
    this.#merge.release(Number.POSITIVE_INFINITY);
    this.pause();
  }

  #filter(): void {
    const { level, matches, context } = this.#wanted;
    this.rows.setFilter({ level, hits: matches ? this.query.finder : null, context });
    this.changed();
  }

  #settleRows(): void {
    if (this.query.finder?.stale) {
      this.query.advance();
      this.#filter();
    }
    this.rows.update();
  }

  /** A line leaves the merge: below the others, among those that wait for the past, or late. */
  #merged(chunk: LogChunk, i: number): void {
    const time = chunk.time(i);
    const kind = chunk.kinds[i] as number;
    const source = chunk.sources[i] as number;
    const start = chunk.starts[i] as number;
    this.top.settle();
    if (this.top.isBelow(time)) {
      if (!(kind & KIND_NOTICE)) this.top.hold(source, chunk.text, start, chunk.end(i), time, kind);
      return;
    }
    const last = this.store.time(this.store.next - 1);
    const late = last !== null && compareInstants(time, last) < 0;
    (late ? this.#late : this.store).append(chunk.text, start, chunk.end(i), time, kind, source);
  }

  /** Keeps to the limit: the oldest lines go, but not from under the reader's eyes. */
  #trim(): void {
    if (this.store.size <= this.limit) return;
    const top = this.rows.line(Math.max(this.view.first, this.rows.first)) ?? this.store.next;
    const dropped = this.store.trimFront(this.limit, this.view.following ? this.store.next : top);
    const first = this.store.time(this.store.first);
    if (dropped > 0 && first !== null) {
      this.dropped += dropped;
      this.top.raise(first);
    }
    if (this.store.size > this.limit + (this.limit >> 3) && !this.paused) this.pause();
  }
}
