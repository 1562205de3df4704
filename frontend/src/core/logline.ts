/**
 * From the Engine's log frames to lines with a time.
 *
 * The Engine writes one frame per log message, `<RFC 3339 time> <text>\n`. A line over 16 KiB comes as several
 * frames, the time repeated in each and only the last with a line feed; they are put together again here. With a
 * terminal there are no frames: lines follow each other, and a long one has the repeated time in its middle.
 */
import { type Instant, StampReader } from './logtime';

/** Where the bytes of a line came from and what is special about it. */
export const STDERR = 1;
/** The line goes on in the next one: it was longer than `MAX_LINE`. */
export const CONTINUES = 2;

/** `data[start, end)` without the line feed; only valid during the call. `flags` combines the constants above. */
export type LineSink = (data: Uint8Array, start: number, end: number, time: Instant, flags: number) => void;

/** Longer lines are shown as several: one of 100 MB must not have to fit into memory as a whole. */
const MAX_LINE = 1 << 20;
/** Where the Engine cuts long messages. */
const ENGINE_CUT = 16 << 10;

const LF = 10;
const CR = 13;

/** Text of one stream whose line feed has not come yet. */
class Unfinished {
  buffer = new Uint8Array(0);
  length = 0;
  sec = 0;
  nano = 0;
  begun = false;

  begin(time: Instant): void {
    this.begun = true;
    this.sec = time.sec;
    this.nano = time.nano;
  }

  add(data: Uint8Array, start: number, end: number): void {
    const size = this.length + end - start;
    if (size > this.buffer.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.buffer.length, ENGINE_CUT));
      larger.set(this.buffer.subarray(0, this.length));
      this.buffer = larger;
    }
    this.buffer.set(data.subarray(start, end), this.length);
    this.length = size;
  }

  reset(): void {
    this.begun = false;
    this.length = 0;
    if (this.buffer.length > 4 * ENGINE_CUT) this.buffer = new Uint8Array(0);
  }
}

export class LineAssembler {
  #stamp = new StampReader();
  #streams = [new Unfinished(), new Unfinished()];
  /** Log messages seen so far as the Engine counts them for `tail`: parts of a long line count one each. */
  messages = 0;

  constructor(readonly sink: LineSink) {}

  /** One frame's payload. Stream 3 (an error of the Engine's) is shown like stderr. */
  frame(stream: number, data: Uint8Array, start: number, end: number): void {
    const flags = stream === 1 ? 0 : STDERR;
    const held = this.#streams[flags] as Unfinished;
    this.messages++;
    let at = start;
    do {
      const feed = data.indexOf(LF, at);
      const whole = feed >= 0 && feed < end;
      const stop = whole ? feed : end;
      const text = this.#stamp.read(data, at, stop);
      this.#part(held, data, text < 0 ? at : text, stop, whole, flags);
      at = stop + 1;
    } while (at < end);
  }

  /** Bytes of a container with a terminal: lines without frames, cut anywhere. */
  raw(data: Uint8Array): void {
    const held = this.#streams[0] as Unfinished;
    let at = 0;
    for (;;) {
      const feed = data.indexOf(LF, at);
      held.add(data, at, feed < 0 ? data.length : feed);
      if (feed < 0 && held.length < MAX_LINE) return;
      this.#rawLine(held, feed < 0);
      if (feed < 0) return;
      at = feed + 1;
    }
  }

  /** The stream ended: what has no line feed is a line as well. */
  flush(): void {
    for (const [flags, held] of this.#streams.entries()) {
      if (held.begun) this.#finish(held, flags);
      else if (held.length > 0) this.#rawLine(held, false);
    }
  }

  /** Takes a part of a line, the last one if `whole`; a line in one piece is handed on without being copied. */
  #part(
    held: Unfinished,
    data: Uint8Array,
    start: number,
    stop: number,
    whole: boolean,
    flags: number,
  ): void {
    if (!held.begun && whole) {
      this.#emit(data, start, stop, this.#stamp, flags);
      return;
    }
    if (!held.begun) held.begin(this.#stamp);
    held.add(data, start, stop);
    if (whole) this.#finish(held, flags);
    else if (held.length >= MAX_LINE) {
      this.#emit(held.buffer, 0, held.length, held, flags | CONTINUES);
      held.length = 0;
    }
  }

  #finish(held: Unfinished, flags: number): void {
    this.#emit(held.buffer, 0, held.length, held, flags);
    held.reset();
  }

  #emit(data: Uint8Array, start: number, end: number, time: Instant, flags: number): void {
    const trimmed = end > start && data[end - 1] === CR ? end - 1 : end;
    this.sink(data, start, trimmed, time, flags);
  }

  #rawLine(held: Unfinished, continues: boolean): void {
    const line = held.buffer.subarray(0, held.length);
    this.messages++;
    let text = this.#stamp.read(line, 0, line.length);
    if (text < 0) text = 0;
    const time = { sec: this.#stamp.sec, nano: this.#stamp.nano };
    const end = this.#closeSeams(line, text);
    this.#emit(line, text, end, time, continues ? CONTINUES : 0);
    held.reset();
  }

  /** Removes the times that the Engine repeats after every 16 KiB of a long line; returns the line's new end. */
  #closeSeams(line: Uint8Array, text: number): number {
    let end = line.length;
    for (let seam = text + ENGINE_CUT; seam < end; seam += ENGINE_CUT) {
      const next = this.#stamp.read(line, seam, end);
      if (next < 0) break;
      line.copyWithin(seam, next, end);
      end -= next - seam;
      this.messages++;
    }
    return end;
  }
}
