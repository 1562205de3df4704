/**
 * Which lines are shown, as rows.
 *
 * Rows are numbered like lines: without a filter they are the same. With one, rows are the lines that pass it,
 * numbered so that rows already known keep their numbers while others come or go at the ends. When that cannot be
 * (another filter, context lines that turn up in between), `version` changes and every row must be asked for anew.
 */
import type { LogChunk } from './logchunk';
import { NumberDeque } from './lognumbers';
import { KIND_NOTICE, LEVEL_MASK, type LogStore } from './logstore';

/** The lines that match, complete within `[from, to)`; both ends move outwards as the search goes on. */
export interface Hits {
  readonly numbers: NumberDeque;
  readonly from: number;
  readonly to: number;
}

export interface RowFilter {
  /** Lines below this level are left out; 0 shows all, also those without a level. */
  readonly level: number;
  /** Only lines that match, and this many around each; null shows all lines. */
  readonly hits: Hits | null;
  readonly context: number;
}

export const EVERYTHING: RowFilter = { level: 0, hits: null, context: 0 };

export class RowIndex {
  version = 0;
  #filter = EVERYTHING;
  #lines = new NumberDeque();
  /** The number of the first filtered row. */
  #first = 0;
  /** The lines that have been looked at, `[from, to)`. */
  #from = 0;
  #to = 0;
  #epoch: number;

  constructor(readonly store: LogStore) {
    this.#epoch = store.epoch;
  }

  get filter(): RowFilter {
    return this.#filter;
  }

  get filtered(): boolean {
    return this.#filter !== EVERYTHING;
  }

  /** Rows are `[first, next)`. */
  get first(): number {
    return this.filtered ? this.#first : this.store.first;
  }

  get next(): number {
    return this.filtered ? this.#first + this.#lines.length : this.store.next;
  }

  setFilter(filter: RowFilter): void {
    const all = filter.level === 0 && filter.hits === null;
    this.#filter = all ? EVERYTHING : filter;
    this.#rebuild();
  }

  /** Takes in what was added to or dropped from the store and the hits since the last call. */
  update(): void {
    if (this.#epoch !== this.store.epoch) this.#rebuild();
    if (!this.filtered) return;
    const { hits, context } = this.#filter;
    if (hits !== null && context > 0) {
      if (this.#from !== this.#start() || this.#to !== this.#end()) this.#rebuild();
      return;
    }
    this.#dropEnds();
    if (this.#start() < this.#from) this.#lookBack();
    this.#look(this.#to, this.#end(), (number) => this.#lines.push(number));
    this.#to = this.#end();
  }

  /** The line in a row, undefined if there is no such row. */
  line(row: number): number | undefined {
    if (this.filtered) return this.#lines.at(row - this.#first);
    return row >= this.store.first && row < this.store.next ? row : undefined;
  }

  /** The row of a line, or of the next one that is shown. */
  row(line: number): number {
    if (this.filtered) return this.#first + this.#lines.lowerBound(line);
    return Math.min(Math.max(line, this.store.first), this.store.next);
  }

  #start(): number {
    return Math.max(this.store.first, this.#filter.hits?.from ?? this.store.first);
  }

  #end(): number {
    return Math.min(this.store.next, this.#filter.hits?.to ?? this.store.next);
  }

  #rebuild(): void {
    this.#epoch = this.store.epoch;
    this.version++;
    this.#lines.clear();
    this.#first = 0;
    this.#from = this.#start();
    this.#to = this.#end();
    if (!this.filtered) return;
    const { hits, context } = this.#filter;
    if (hits !== null && context > 0) this.#surroundings(hits, context);
    else this.#look(this.#from, this.#to, (number) => this.#lines.push(number));
  }

  #dropEnds(): void {
    if (this.store.first > this.#from) {
      this.#first += this.#lines.dropBelow(this.store.first);
      this.#from = Math.min(this.store.first, this.#to);
    }
    if (this.#end() < this.#to) {
      this.#lines.dropFrom(this.#end());
      this.#to = this.#end();
    }
  }

  #lookBack(): void {
    const found: number[] = [];
    this.#look(this.#start(), this.#from, (number) => found.push(number));
    this.#lines.unshift(found);
    this.#first -= found.length;
    this.#from = this.#start();
  }

  /** Calls `take` for every line of `[from, to)` that passes level and hits. */
  #look(from: number, to: number, take: (number: number) => void): void {
    const { level, hits } = this.#filter;
    if (hits === null) {
      this.#scan(from, to, level, take);
      return;
    }
    for (let i = hits.numbers.lowerBound(from); i < hits.numbers.length; i++) {
      const number = hits.numbers.at(i) as number;
      if (number >= to) return;
      if (passes(this.store.kind(number), level)) take(number);
    }
  }

  #scan(from: number, to: number, level: number, take: (number: number) => void): void {
    let number = from;
    while (number < to) {
      const [chunk, start] = this.store.locate(number) as [LogChunk, number];
      const stop = Math.min(chunk.count, start + to - number);
      for (let i = start; i < stop; i++) {
        if (passes(chunk.kinds[i] as number, level)) take(chunk.first + i);
      }
      number = chunk.first + stop;
    }
  }

  #surroundings(hits: Hits, context: number): void {
    let done = this.#from;
    for (let i = hits.numbers.lowerBound(this.#from); i < hits.numbers.length; i++) {
      const number = hits.numbers.at(i) as number;
      if (number >= this.#to) break;
      if (!passes(this.store.kind(number), this.#filter.level)) continue;
      for (
        let line = Math.max(done, number - context);
        line < Math.min(this.#to, number + context + 1);
        line++
      ) {
        this.#lines.push(line);
        done = line + 1;
      }
    }
  }
}

/** Notices of ours are always shown: a filter must not hide that lines are missing. */
function passes(kind: number, level: number): boolean {
  return (kind & LEVEL_MASK) >= level || (kind & KIND_NOTICE) !== 0;
}
