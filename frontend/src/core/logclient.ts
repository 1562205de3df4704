/**
 * The page's side of a log view: passes channels between the socket and the worker, keeps the rows it was given,
 * asks questions. No DOM.
 */
import type { Disposable } from './disposable';
import { Emitter } from './emitter';
import type {
  Answers,
  HistogramData,
  LogOptions,
  MarkRequest,
  PageMessage,
  Question,
  Row,
  SourceSpec,
  ViewState,
  WorkerMessage,
} from './logprotocol';
import type { Query } from './logsearch';
import type { Channel, Socket } from './socket';

/** The worker as it is used here. */
export interface LogWorker {
  post(message: PageMessage, transfer: readonly ArrayBuffer[]): void;
  onMessage(callback: (message: WorkerMessage) => void): void;
  terminate(): void;
}

/** Rows kept around those that are shown. */
const KEEP_ROWS = 2_000;

interface Held {
  readonly row: Row;
  /** Rows of an earlier generation are to be asked for again. */
  readonly generation: number;
}

export class LogClient implements Disposable {
  state: ViewState | null = null;
  readonly changed = new Emitter<ViewState>();
  readonly histogram = new Emitter<HistogramData | null>();
  /** These rows came, or changed, or their matches became known. */
  readonly arrived = new Emitter<readonly number[]>();
  readonly failed = new Emitter<string>();
  #rows = new Map<number, Held>();
  #generation = 0;
  #marks = new Map<string, readonly number[]>();
  #markRows = new Map<string, number>();
  #markBatch: MarkRequest[] = [];
  #wanted: readonly [from: number, to: number] | null = null;
  #channels = new Map<number, Channel>();
  #answers = new Map<number, (answer: never) => void>();
  #lastQuestion = 0;
  #hits = '';

  constructor(
    readonly worker: LogWorker,
    readonly socket: Socket,
  ) {
    worker.onMessage((message) => this.#receive(message));
  }

  start(sources: readonly SourceSpec[], options: LogOptions, limit: number): void {
    this.#forget();
    this.#post({ t: 'start', sources, options, limit });
  }

  join(sources: readonly SourceSpec[]): void {
    this.#post({ t: 'join', sources });
  }

  older(): void {
    this.#post({ t: 'older' });
  }

  newer(): void {
    this.#post({ t: 'newer' });
  }

  fill(line: number): void {
    this.#post({ t: 'fill', line });
  }

  viewport(first: number, last: number, following: boolean): void {
    this.#post({ t: 'viewport', first, last, following });
  }

  filter(level: number, matches: boolean, context: number): void {
    this.#post({ t: 'filter', level, matches, context });
  }

  query(query: Query | null): void {
    this.#marks.clear();
    this.#post({ t: 'query', query });
  }

  ask<Q extends Question>(question: Q): Promise<Answers[Q['q']]> {
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve as (answer: never) => void);
      this.#post({ t: 'ask', id, question });
    });
  }

  /** Resolves with the next state that the worker tells. */
  next(): Promise<ViewState> {
    return new Promise((resolve) => {
      const waiting = this.changed.on((state) => {
        waiting.dispose();
        resolve(state);
      });
    });
  }

  row(row: number): Row | undefined {
    return this.#rows.get(row)?.row;
  }

  /**
   * Makes sure that rows `[from, to)`, and `margin` more on both sides, are or will be there; `arrived` tells. What is
   * known of the rows themselves must be up to date, those of the margins only have to be there.
   */
  want(from: number, to: number, margin: number): void {
    const { first = 0, next = 0 } = this.state ?? {};
    let low = Math.max(first, from);
    let high = Math.min(next, to);
    while (low < high && this.#fresh(low)) low++;
    while (low < high && this.#fresh(high - 1)) high--;
    const before = Math.max(first, from - margin);
    const after = Math.min(next, to + margin);
    if (!this.#rows.has(before)) low = Math.min(low, before);
    if (!this.#rows.has(after - 1)) high = Math.max(high, after);
    if (low >= high) return;
    if (this.#wanted === null || low < this.#wanted[0] || high > this.#wanted[1]) void this.#fetch(low, high);
  }

  /** Where the query matches in a text that is shown in `row`; null while that is not known. */
  marks(key: string, text: string, row: number): readonly number[] | null {
    const known = this.#marks.get(key);
    if (known) return known;
    this.#markRows.set(key, row);
    if (this.#markBatch.length === 0) {
      queueMicrotask(() => this.#post({ t: 'marks', items: this.#markBatch.splice(0) }));
    }
    if (!this.#markBatch.some((item) => item.key === key)) this.#markBatch.push({ key, text });
    return null;
  }

  dispose(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.worker.terminate();
  }

  async #fetch(from: number, to: number): Promise<void> {
    const version = this.state?.version ?? 0;
    this.#wanted = [from, to];
    const rows = await this.ask({ q: 'rows', version, from, to });
    this.#wanted = null;
    if (rows === null || version !== this.state?.version) return;
    const news = rows.filter((row) => this.#hold(row));
    if (this.#rows.size > 2 * KEEP_ROWS) this.#prune(from, to);
    this.arrived.emit(news.map((row) => row.row));
  }

  /** Takes a row in; whether it is new, or looks different. */
  #hold(row: Row): boolean {
    const before = this.#rows.get(row.row)?.row;
    this.#rows.set(row.row, { row, generation: this.#generation });
    return before?.line !== row.line || before.hit !== row.hit || before.jump !== row.jump;
  }

  #fresh(row: number): boolean {
    return this.#rows.get(row)?.generation === this.#generation;
  }

  #prune(from: number, to: number): void {
    for (const row of this.#rows.keys()) {
      if (row < from - KEEP_ROWS || row > to + KEEP_ROWS) this.#rows.delete(row);
    }
  }

  #forget(): void {
    this.#rows.clear();
    this.#marks.clear();
    this.#markRows.clear();
    this.#wanted = null;
  }

  #post(message: PageMessage, transfer: readonly ArrayBuffer[] = []): void {
    this.worker.post(message, transfer);
  }

  #receive(message: WorkerMessage): void {
    if (message.t === 'open') this.#open(message.key, message.args);
    else if (message.t === 'close') this.#close(message.key);
    else if (message.t === 'ack') this.#channels.get(message.key)?.ack(message.n);
    else if (message.t === 'state') this.#update(message.state);
    else if (message.t === 'histogram') this.histogram.emit(message.histogram);
    else if (message.t === 'failed') this.failed.emit(message.message);
    else if (message.t === 'marks') {
      for (const { key, ranges } of message.items) this.#marks.set(key, ranges);
      const rows = message.items.flatMap(({ key }) => this.#markRows.get(key) ?? []);
      this.arrived.emit(rows);
    } else {
      const resolve = this.#answers.get(message.id);
      this.#answers.delete(message.id);
      resolve?.(message.answer as never);
    }
  }

  #update(state: ViewState): void {
    if (state.version !== this.state?.version) this.#forget();
    // Rows carry whether they match: when more is known about that, they are asked for anew, but shown till then.
    const hits = state.hits ? `${state.hits.count} ${state.hits.progress === 1}` : '';
    const news = hits !== this.#hits;
    this.#hits = hits;
    if (news) this.#generation++;
    this.state = state;
    const fresh = (state.tail ?? []).filter((row) => this.#hold(row));
    if (this.#rows.size > 3 * KEEP_ROWS) this.#prune(state.next - KEEP_ROWS, state.next);
    this.changed.emit(state);
    if (news) this.arrived.emit(fresh.map((row) => row.row));
  }

  #open(key: number, args: Record<string, unknown>): void {
    const channel = this.socket.open('logs', args, {
      message: (message) => {
        if (message.ev === 'end' || message.ev === 'error') this.#channels.delete(key);
        this.#post({ t: 'message', key, message });
      },
      bytes: (data) => {
        const own = data.buffer as ArrayBuffer;
        this.#post({ t: 'bytes', key, data }, [own]);
      },
      dropped: () => {
        this.#close(key);
        this.#post({ t: 'dropped', key });
      },
    });
    this.#channels.set(key, channel);
  }

  #close(key: number): void {
    this.#channels.get(key)?.close();
    this.#channels.delete(key);
  }
}
