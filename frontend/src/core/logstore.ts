/**
 * All lines of a log view: about one byte per byte of text and 14 bytes per line beside it.
 *
 * Lines are numbered. The first one that came is 0, later ones count up; older ones that are loaded afterwards get
 * negative numbers, so a line keeps its number whatever is added or dropped at the ends. Only `insert` (a gap that is
 * filled) renumbers, and says so by a new `epoch`.
 */
import { CHUNK_BYTES, KIND_NOTICE, LogChunk } from './logchunk';
import { compareInstants, type Instant } from './logtime';

/** The level of a line is in the low bits of its kind, see loglevel.ts. */
export const LEVEL_MASK = 7;
export const KIND_STDERR = 8;
/** The line goes on in the next one. */
export const KIND_CONTINUES = 32;

export { KIND_NOTICE };

export interface StoredLine {
  readonly number: number;
  readonly text: string;
  readonly time: Instant;
  readonly kind: number;
  readonly source: number;
}

export class LogStore {
  #chunks: LogChunk[] = [];
  /** Memory held, in bytes. */
  size = 0;
  /** Bytes of text held. */
  textBytes = 0;
  /** Changes whenever lines get other numbers. */
  epoch = 0;
  /** The number of the first line, and the one after the last. */
  first = 0;
  next = 0;

  constructor(readonly chunkBytes = CHUNK_BYTES) {}

  get count(): number {
    return this.next - this.first;
  }

  /** Lines of the log itself, without messages of ours. */
  get logged(): number {
    return this.#chunks.reduce((sum, chunk) => sum - chunk.notices, this.count);
  }

  get chunks(): readonly LogChunk[] {
    return this.#chunks;
  }

  append(data: Uint8Array, start: number, end: number, time: Instant, kind: number, source: number): void {
    let chunk = this.#chunks.at(-1);
    if (chunk === undefined || !chunk.fits(end - start)) {
      chunk?.seal();
      chunk = this.#open(end - start);
    }
    const before = chunk.starts.length;
    chunk.add(data, start, end, time, kind, source);
    if (chunk.starts.length !== before) this.#weigh();
    this.textBytes += end - start + 1;
    this.next++;
  }

  /** Puts the lines of another store, older than all here, in front. The other store must not be used any more. */
  prepend(older: LogStore): void {
    if (older.count === 0) return;
    let number = this.first - older.count;
    this.first = number;
    for (const chunk of older.chunks) {
      chunk.first = number;
      number += chunk.count;
    }
    older.#chunks.at(-1)?.seal();
    this.#chunks = [...older.#chunks, ...this.#chunks];
    this.textBytes += older.textBytes;
    this.#weigh();
  }

  /** Replaces lines `[from, to)` by those of another store; everything behind gets new numbers. */
  replace(from: number, to: number, other: LogStore): void {
    const before: LogChunk[] = [];
    const after: LogChunk[] = [];
    for (const chunk of this.#chunks) {
      if (chunk.last < from) before.push(chunk);
      else if (chunk.first >= to) after.push(chunk);
      else {
        if (chunk.first < from) before.push(chunk.slice(0, from - chunk.first));
        if (chunk.last >= to) after.push(chunk.slice(to - chunk.first, chunk.count));
      }
    }
    this.#chunks = [...before, ...other.#chunks, ...after];
    this.#renumber();
  }

  clear(): void {
    this.#chunks = [];
    this.size = this.textBytes = 0;
    this.first = this.next = 0;
    this.epoch++;
  }

  /** Drops whole chunks before line `keep` until at most `limit` bytes are held; returns how many lines went. */
  trimFront(limit: number, keep = Number.POSITIVE_INFINITY): number {
    let dropped = 0;
    while (this.size > limit && this.#chunks.length > 1 && (this.#chunks[0] as LogChunk).last < keep) {
      const chunk = this.#chunks.shift() as LogChunk;
      dropped += chunk.count;
      this.#forget(chunk);
    }
    this.first += dropped;
    return dropped;
  }

  /** The same from the back, as long as the lines up to `keep` stay. */
  trimBack(limit: number, keep: number): number {
    let dropped = 0;
    while (this.size > limit && (this.#chunks.at(-1)?.first ?? keep) > keep) {
      const chunk = this.#chunks.pop() as LogChunk;
      dropped += chunk.count;
      this.#forget(chunk);
    }
    this.next -= dropped;
    return dropped;
  }

  /** Drops the first line: for a store that is used as a queue. */
  shift(): void {
    const chunk = this.#chunks[0] as LogChunk;
    this.textBytes -=
      chunk.end(this.first - chunk.first) + 1 - (chunk.starts[this.first - chunk.first] as number);
    this.first++;
    if (this.first <= chunk.last) return;
    if (this.#chunks.length > 1) {
      this.#chunks.shift();
      this.size -= chunk.size;
    } else chunk.reset(this.first);
  }

  /** The chunk that holds a line, and the line's place in it. */
  locate(number: number): [LogChunk, number] | null {
    if (number < this.first || number >= this.next) return null;
    let low = 0;
    let high = this.#chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#chunks[middle] as LogChunk).first <= number) low = middle;
      else high = middle - 1;
    }
    const chunk = this.#chunks[low] as LogChunk;
    return [chunk, number - chunk.first];
  }

  line(number: number): StoredLine | null {
    const place = this.locate(number);
    if (!place) return null;
    const [chunk, i] = place;
    return {
      number,
      text: chunk.string(i),
      time: chunk.time(i),
      kind: chunk.kinds[i] as number,
      source: chunk.sources[i] as number,
    };
  }

  kind(number: number): number {
    const place = this.locate(number);
    return place ? (place[0].kinds[place[1]] as number) : 0;
  }

  time(number: number): Instant | null {
    const place = this.locate(number);
    return place ? place[0].time(place[1]) : null;
  }

  /** The first line that is not older than `time`; `next` if all are. Takes the lines to be in order. */
  findTime(time: Instant): number {
    let low = this.first;
    let high = this.next;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareInstants(this.time(middle) as Instant, time) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #open(length: number): LogChunk {
    const chunk = new LogChunk(this.next, Math.max(this.chunkBytes, length + 1));
    this.#chunks.push(chunk);
    this.#weigh();
    return chunk;
  }

  #forget(chunk: LogChunk): void {
    this.size -= chunk.size;
    this.textBytes -= chunk.used;
  }

  #weigh(): void {
    this.size = this.#chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  }

  #renumber(): void {
    let number = this.first;
    for (const chunk of this.#chunks) {
      chunk.first = number;
      number += chunk.count;
    }
    this.next = number;
    this.textBytes = this.#chunks.reduce((sum, chunk) => sum + chunk.used, 0);
    this.#weigh();
    this.epoch++;
  }
}
