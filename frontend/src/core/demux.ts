/**
 * Docker's multiplexed stream, taken apart in the browser.
 *
 * A frame is `[stream, 0, 0, 0, length as 32 bit big endian]` and then `length` bytes. Stream 1 is stdout, 2 stderr,
 * 0 stdin (never in logs) and 3 an error of the Engine's own. A container with a terminal sends no frames at all.
 */

/** The bytes are not what the Engine sends: a wrong header, or a frame no Engine makes. */
export class FrameError extends Error {}

/** `data[start, end)` is the payload of one whole frame; it is only valid during the call. */
export type FrameSink = (stream: number, data: Uint8Array, start: number, end: number) => void;

const HEADER = 8;
/** The Engine cuts log lines at 16 KiB; other log readers at a few hundred. More is garbage. */
const MAX_FRAME = 4 << 20;

export class Demux {
  /** The beginning of a frame whose end has not arrived, `#held` bytes of it. */
  #rest = new Uint8Array(0);
  #held = 0;

  /** Calls `sink` for every frame that `data` completes. Throws `FrameError`. */
  feed(data: Uint8Array, sink: FrameSink): void {
    let at = this.#held > 0 ? this.#complete(data, sink) : 0;
    while (at + HEADER <= data.length) {
      const end = at + HEADER + length(data, at);
      if (end > data.length) break;
      sink(data[at] as number, data, at + HEADER, end);
      at = end;
    }
    if (at < data.length) this.#hold(data, at, data.length);
  }

  /** Whether a frame has begun and not ended: at the end of the stream this means it was cut. */
  get pending(): boolean {
    return this.#held > 0;
  }

  /** Finishes the held frame from the start of `data`; returns how many bytes of it that took. */
  #complete(data: Uint8Array, sink: FrameSink): number {
    let at = Math.min(Math.max(0, HEADER - this.#held), data.length);
    this.#hold(data, 0, at);
    if (this.#held < HEADER) return at;
    const whole = HEADER + length(this.#rest, 0);
    const take = Math.min(whole - this.#held, data.length - at);
    this.#hold(data, at, at + take);
    at += take;
    if (this.#held === whole) {
      this.#held = 0;
      sink(this.#rest[0] as number, this.#rest, HEADER, whole);
    }
    return at;
  }

  #hold(data: Uint8Array, start: number, end: number): void {
    const size = this.#held + end - start;
    if (size > this.#rest.length) {
      const larger = new Uint8Array(Math.max(size, 2 * this.#rest.length, 4096));
      larger.set(this.#rest.subarray(0, this.#held));
      this.#rest = larger;
    }
    this.#rest.set(data.subarray(start, end), this.#held);
    this.#held = size;
  }
}

function length(data: Uint8Array, at: number): number {
  const [stream, a, b, c] = [data[at], data[at + 1], data[at + 2], data[at + 3]];
  if (stream === undefined || stream > 3 || a !== 0 || b !== 0 || c !== 0) {
    throw new FrameError('this is not a log stream of the Engine');
  }
  const n =
    (data[at + 4] as number) * 0x1000000 +
    (((data[at + 5] as number) << 16) | ((data[at + 6] as number) << 8) | (data[at + 7] as number));
  if (n > MAX_FRAME) throw new FrameError(`a log frame of ${n} bytes`);
  return n;
}
