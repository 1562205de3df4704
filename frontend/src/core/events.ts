/** The Engine's events as the `events` topic sends them, and what a page keeps of them. No DOM. */

/** A piece of a sentence, and whether it is the name of an object. */
export type Piece = readonly [text: string, isName: boolean];

export interface EventItem {
  /** Its number in the server's log. */
  readonly n: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly type: string;
  readonly action: string;
  readonly id: string;
  /** Of the kind that happens all the time by itself, such as the execs of health checks. */
  readonly routine: boolean;
  readonly icon: string;
  readonly tone: string;
  readonly text: readonly Piece[];
}

export function sentenceOf(item: EventItem): string {
  return item.text.map(([piece]) => piece).join('');
}

/** Whether every word of the query is somewhere in the event. */
export function matches(item: EventItem, query: string): boolean {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = `${sentenceOf(item)} ${item.type} ${item.action} ${item.id}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

/** Holds events back while the page is paused; bounded, the oldest go first. */
export class EventBuffer {
  #paused = false;
  #held: EventItem[] = [];
  #dropped = 0;
  #last = 0;
  #log = '';

  constructor(readonly limit: number) {}

  get paused(): boolean {
    return this.#paused;
  }

  /** How many came while paused. */
  get waiting(): number {
    return this.#held.length + this.#dropped;
  }

  /** Where to continue after a lost connection. */
  get place(): { readonly after: number; readonly log: string } {
    return { after: this.#last, log: this.#log };
  }

  /** Takes what arrived; returns what is to be shown now, oldest first. `fresh` says that it is another log. */
  take(items: readonly EventItem[], log: string): { readonly show: EventItem[]; readonly fresh: boolean } {
    const fresh = this.#log !== '' && this.#log !== log;
    if (log !== this.#log) this.#last = 0;
    this.#log = log;
    const news = items.filter((item) => item.n > this.#last);
    this.#last = news.at(-1)?.n ?? this.#last;
    if (!this.#paused) return { show: news, fresh };
    this.#held.push(...news);
    const surplus = Math.max(0, this.#held.length - this.limit);
    this.#held.splice(0, surplus);
    this.#dropped += surplus;
    return { show: [], fresh };
  }

  pause(): void {
    this.#paused = true;
  }

  /** Returns what was held back, and how many older ones were dropped meanwhile. */
  resume(): { readonly show: EventItem[]; readonly dropped: number } {
    const held = { show: this.#held, dropped: this.#dropped };
    this.#paused = false;
    this.#held = [];
    this.#dropped = 0;
    return held;
  }
}
