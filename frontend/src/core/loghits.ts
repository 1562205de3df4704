/**
 * A search under way: walks the store backwards from the newest line, chunk by chunk, and forwards as lines come.
 *
 * The matching itself happens elsewhere (a worker of its own, that can be stopped when an expression takes for ever);
 * here is what has been asked for and what was found.
 */
import type { LogChunk } from './logchunk';
import { NumberDeque } from './lognumbers';
import type { Hits } from './logrows';
import { KIND_NOTICE, type LogStore } from './logstore';

/** A stretch of lines to be searched: a copy that can be sent away. */
export interface Stretch {
  readonly from: number;
  readonly chunk: LogChunk;
}

export class HitFinder implements Hits {
  readonly numbers = new NumberDeque();
  from: number;
  to: number;
  #wasComplete = false;
  #asked: { from: number; to: number } | null = null;
  readonly #epoch: number;

  constructor(readonly store: LogStore) {
    this.from = this.to = store.next;
    this.#epoch = store.epoch;
  }

  /** The lines have got other numbers: this search is void and must start again. */
  get stale(): boolean {
    return this.#epoch !== this.store.epoch;
  }

  /** Whether everything in the store has been searched. */
  get complete(): boolean {
    return this.from <= this.store.first && this.to >= this.store.next;
  }

  /** Part of the store searched so far, 0 to 1; lines that come later do not take it back. */
  get progress(): number {
    if (this.#wasComplete) return 1;
    return this.store.count === 0
      ? 1
      : Math.min(1, (this.to - Math.max(this.from, this.store.first)) / this.store.count);
  }

  /** What to search next; null while an answer is awaited or when nothing is left. */
  ask(): Stretch | null {
    this.trim();
    if (this.#asked !== null || this.complete) return null;
    const forwards = this.to < this.store.next;
    const [chunk, i] = this.store.locate(forwards ? this.to : this.from - 1) as [LogChunk, number];
    const part = forwards ? chunk.slice(i, chunk.count) : chunk.slice(0, i + 1);
    this.#asked = { from: part.first, to: part.first + part.count };
    return { from: part.first, chunk: part };
  }

  /** The answer to `ask`: places of matching lines within the stretch, rising. */
  answer(places: readonly number[]): void {
    const asked = this.#asked;
    if (asked === null) return;
    this.#asked = null;
    const found = places.map((i) => asked.from + i).filter((n) => !(this.store.kind(n) & KIND_NOTICE));
    if (asked.from >= this.to) {
      for (const number of found) this.numbers.push(number);
      this.to = asked.to;
    } else {
      this.numbers.unshift(found);
      this.from = asked.from;
    }
    this.trim();
    this.#wasComplete ||= this.complete;
  }

  /** Follows the store where it has dropped lines. */
  trim(): void {
    if (this.from < this.store.first) {
      this.numbers.dropBelow(this.store.first);
      this.from = this.store.first;
      this.to = Math.max(this.to, this.from);
    }
    if (this.to > this.store.next) {
      this.numbers.dropFrom(this.store.next);
      this.to = this.store.next;
      this.from = Math.min(this.from, this.to);
    }
  }
}
