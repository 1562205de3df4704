/**
 * The query of a view: which lines match, kept up to date while lines come and go.
 *
 * Expressions come from people and may take for ever on the wrong line, so they run in a worker of their own: a
 * `Matcher`. One that does not answer in time is thrown away, and the query with it.
 */
import { HitFinder } from './loghits';
import type { HitState, MarkRequest } from './logprotocol';
import type { Query } from './logsearch';
import type { LogStore } from './logstore';

/** What the matching worker is asked; its answers come in the order of the requests. */
export type MatchRequest =
  | { readonly t: 'query'; readonly query: Query }
  | {
      readonly t: 'lines';
      readonly text: Uint8Array<ArrayBuffer>;
      readonly starts: Uint32Array<ArrayBuffer>;
      readonly count: number;
    }
  | { readonly t: 'marks'; readonly items: readonly MarkRequest[] };

export type MatchAnswer =
  | { readonly t: 'query'; readonly error: string }
  | { readonly t: 'lines'; readonly places: readonly number[] }
  | {
      readonly t: 'marks';
      readonly items: ReadonlyArray<{ readonly key: string; readonly ranges: readonly number[] }>;
    };

export interface Matcher {
  send(request: MatchRequest, transfer: readonly ArrayBuffer[]): void;
  onAnswer(callback: (answer: MatchAnswer) => void): void;
  dispose(): void;
}

export interface QueryHost {
  readonly store: LogStore;
  matcher(): Matcher;
  changed(): void;
  marks(items: ReadonlyArray<{ readonly key: string; readonly ranges: readonly number[] }>): void;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

/** A megabyte takes a few milliseconds; an expression that needs this long for it will not end. */
const PATIENCE_MS = 4_000;

export class LogQuery {
  finder: HitFinder | null = null;
  #query: Query | null = null;
  #matcher: Matcher | null = null;
  #error = '';
  #waiting = 0;
  #timer: number | undefined;

  constructor(readonly host: QueryHost) {}

  /** Replaces the query; null ends the search. */
  set(query: Query | null): void {
    this.#stop();
    this.#query = query;
    this.#error = '';
    this.finder = null;
    if (query !== null) this.#start(query);
    this.host.changed();
  }

  /** Searches on: call it whenever the store may have changed. */
  advance(): void {
    if (this.finder === null || this.#error !== '') return;
    if (this.finder.stale && this.#query !== null) {
      this.set(this.#query);
      return;
    }
    const stretch = this.finder.ask();
    if (stretch === null) return;
    const { text, starts, used, count } = stretch.chunk;
    const bytes = text.length === used ? text : text.slice(0, used);
    this.#send(
      {
        t: 'lines',
        text: bytes as Uint8Array<ArrayBuffer>,
        starts: starts as Uint32Array<ArrayBuffer>,
        count,
      },
      [bytes.buffer as ArrayBuffer, starts.buffer as ArrayBuffer],
    );
  }

  /** Where the query matches in texts on screen; the answer goes to the host. */
  mark(items: readonly MarkRequest[]): void {
    if (this.#matcher !== null && this.#error === '') this.#send({ t: 'marks', items }, []);
  }

  get state(): HitState | null {
    if (this.#query === null) return null;
    const { finder } = this;
    return { count: finder?.numbers.length ?? 0, progress: finder?.progress ?? 1, error: this.#error };
  }

  isHit(line: number): boolean {
    return this.finder?.numbers.has(line) ?? false;
  }

  #start(query: Query): void {
    this.#matcher = this.host.matcher();
    this.#matcher.onAnswer((answer) => this.#answer(answer));
    this.finder = new HitFinder(this.host.store);
    this.#send({ t: 'query', query }, []);
    this.advance();
  }

  #send(request: MatchRequest, transfer: readonly ArrayBuffer[]): void {
    this.#matcher?.send(request, transfer);
    this.#waiting++;
    this.#timer ??= this.host.setTimeout(() => this.#fail('takes too long to match'), PATIENCE_MS);
  }

  #answer(answer: MatchAnswer): void {
    this.#waiting--;
    this.#stopTimer();
    if (this.#waiting > 0)
      this.#timer = this.host.setTimeout(() => this.#fail('takes too long to match'), PATIENCE_MS);
    if (answer.t === 'marks') this.host.marks(answer.items);
    else if (answer.t === 'query') {
      if (answer.error !== '') this.#fail(answer.error);
    } else {
      this.finder?.answer(answer.places);
      this.advance();
      this.host.changed();
    }
  }

  #fail(error: string): void {
    this.#stop();
    this.#error = error;
    this.finder = null;
    this.host.changed();
  }

  #stop(): void {
    this.#stopTimer();
    this.#matcher?.dispose();
    this.#matcher = null;
    this.#waiting = 0;
  }

  #stopTimer(): void {
    if (this.#timer !== undefined) this.host.clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
