/** A piece of the log store: up to 1 MiB of text, lines one after the other, and a small index beside it. */
import type { Instant } from './logtime';

export const CHUNK_BYTES = 1 << 20;
/** Start, second, nanosecond, kind and source of a line. */
export const INDEX_BYTES = 14;

/** The kind of a line whose text is a message of ours as JSON: a gap, a restart. */
export const KIND_NOTICE = 16;

const LF = 10;
const decoder = new TextDecoder();

export class LogChunk {
  text: Uint8Array;
  used = 0;
  count = 0;
  /** How many of the lines are messages of ours. */
  notices = 0;
  /** The chunk's first line in the store's numbering, which may be negative. */
  first: number;
  starts: Uint32Array;
  secs: Uint32Array;
  nanos: Uint32Array;
  kinds: Uint8Array;
  sources: Uint8Array;

  constructor(first: number, bytes = CHUNK_BYTES, lines = 1024) {
    this.first = first;
    this.text = new Uint8Array(bytes);
    this.starts = new Uint32Array(lines);
    this.secs = new Uint32Array(lines);
    this.nanos = new Uint32Array(lines);
    this.kinds = new Uint8Array(lines);
    this.sources = new Uint8Array(lines);
  }

  get last(): number {
    return this.first + this.count - 1;
  }

  /** Memory held, in bytes. */
  get size(): number {
    return this.text.length + this.starts.length * INDEX_BYTES;
  }

  fits(length: number): boolean {
    return this.used + length + 1 <= this.text.length;
  }

  /** Adds a line that fits. Lines are kept with a line feed: it is what a search stops at. */
  add(data: Uint8Array, start: number, end: number, time: Instant, kind: number, source: number): void {
    if (this.count === this.starts.length) this.#resize(2 * this.count);
    const i = this.count++;
    this.starts[i] = this.used;
    this.secs[i] = time.sec;
    this.nanos[i] = time.nano;
    this.kinds[i] = kind;
    this.sources[i] = source;
    if (kind & KIND_NOTICE) this.notices++;
    if (end - start > 64) this.text.set(data.subarray(start, end), this.used);
    else for (let from = start, to = this.used; from < end; ) this.text[to++] = data[from++] as number;
    this.used += end - start;
    this.text[this.used++] = LF;
  }

  /** Forgets its lines; the next one will have this number. */
  reset(first: number): void {
    this.first = first;
    this.used = this.count = this.notices = 0;
  }

  /** No more lines will come: gives back what was reserved for them. */
  seal(): void {
    if (this.starts.length > this.count + 64) this.#resize(this.count);
    if (this.text.length > this.used + (this.used >> 2)) this.text = this.text.slice(0, this.used);
  }

  /** Where line `i` of this chunk ends, without its line feed. */
  end(i: number): number {
    return (i + 1 < this.count ? (this.starts[i + 1] as number) : this.used) - 1;
  }

  bytes(i: number): Uint8Array {
    return this.text.subarray(this.starts[i], this.end(i));
  }

  string(i: number): string {
    return decoder.decode(this.bytes(i));
  }

  time(i: number): Instant {
    return { sec: this.secs[i] as number, nano: this.nanos[i] as number };
  }

  /** A new chunk with lines `[from, to)` of this one, just large enough. */
  slice(from: number, to: number): LogChunk {
    const start = this.starts[from] ?? this.used;
    const stop = to < this.count ? (this.starts[to] as number) : this.used;
    const part = new LogChunk(this.first + from, Math.max(1, stop - start), Math.max(1, to - from));
    part.text.set(this.text.subarray(start, stop));
    part.used = stop - start;
    part.count = to - from;
    for (let i = from; i < to; i++) part.starts[i - from] = (this.starts[i] as number) - start;
    part.secs.set(this.secs.subarray(from, to));
    part.nanos.set(this.nanos.subarray(from, to));
    part.kinds.set(this.kinds.subarray(from, to));
    for (const kind of part.kinds) if (kind & KIND_NOTICE) part.notices++;
    part.sources.set(this.sources.subarray(from, to));
    return part;
  }

  #resize(lines: number): void {
    this.starts = grown(this.starts, new Uint32Array(lines));
    this.secs = grown(this.secs, new Uint32Array(lines));
    this.nanos = grown(this.nanos, new Uint32Array(lines));
    this.kinds = grown(this.kinds, new Uint8Array(lines));
    this.sources = grown(this.sources, new Uint8Array(lines));
  }
}

function grown<T extends Uint8Array | Uint32Array>(old: T, fresh: T): T {
  fresh.set(old.subarray(0, Math.min(old.length, fresh.length)));
  return fresh;
}
