/**
 * The headers of a tar that lies on the disk, without the contents between them: what the server looks through before it
 * takes the archive. Whether they are good is the server's to say; what cannot be followed ends the list, which then has
 * no end, and is refused.
 */

export interface Source {
  readonly size: number;
  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

const BLOCK = 512;
/** As the server has it. */
const MOST_MEMBERS = 100_000;
const LONGEST_META = 64 * 1024;
const LONGEST_LIST = 256 * 1024 * 1024;
/** Read at once where headers are close to each other, and where they are not. */
const WIDE = 1024 * 1024;
const NARROW = 16 * 1024;
const FILES = new Set([0, 0x30, 0x37]);
const [LONG_NAME, LONG_LINK, PAX, GLOBAL] = [0x4c, 0x4b, 0x78, 0x67];
const decoder = new TextDecoder('latin1');

const padded = (size: number) => Math.ceil(size / BLOCK) * BLOCK;
const isZero = (bytes: Uint8Array) => bytes.every((byte) => byte === 0);

/** A part of the file, larger than what is asked for. */
class Window {
  readonly #source: Source;
  readonly #signal: AbortSignal | undefined;
  #at = 0;
  #bytes = new Uint8Array(0);

  constructor(source: Source, signal?: AbortSignal) {
    this.#source = source;
    this.#signal = signal;
  }

  /** Fewer at the end of the file. Rejects when it cannot be read, or when it was aborted. */
  async read(at: number, length: number): Promise<Uint8Array> {
    const end = this.#at + this.#bytes.length;
    if (at < this.#at || at + length > end) {
      this.#signal?.throwIfAborted();
      const close = at - end < WIDE;
      const to = at + Math.max(length, close ? WIDE : NARROW);
      this.#bytes = new Uint8Array(await this.#source.slice(at, to).arrayBuffer());
      this.#at = at;
    }
    return this.#bytes.subarray(at - this.#at, at - this.#at + length);
  }
}

/** Many small pieces, kept in few large ones. */
class Pages {
  readonly #full: Array<Uint8Array<ArrayBuffer>> = [];
  #page = new Uint8Array(WIDE);
  #used = 0;
  size = 0;

  add(bytes: Uint8Array): void {
    if (this.#used + bytes.length > WIDE) {
      this.#full.push(this.#page.slice(0, this.#used));
      this.#used = 0;
    }
    this.#page.set(bytes, this.#used);
    this.#used += bytes.length;
    this.size += bytes.length;
  }

  all(): Array<Uint8Array<ArrayBuffer>> {
    return [...this.#full, this.#page.slice(0, this.#used)];
  }
}

/** Null for what is no number, or one that is beyond any archive. */
function number(field: Uint8Array): number | null {
  if ((field[0] ?? 0) & 0x80) {
    const value = field.subarray(1).reduce((sum, byte) => sum * 256 + byte, (field[0] ?? 0) & 0x7f);
    return Number.isSafeInteger(value) ? value : null;
  }
  const digits = (decoder.decode(field).split('\0', 1)[0] ?? '').replace(/^ +| +$/g, '');
  if (digits === '') return 0;
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : null;
}

function isHeader(block: Uint8Array): boolean {
  let sum = 8 * 32;
  for (let i = 0; i < BLOCK; i++) sum += i < 148 || i > 155 ? (block[i] ?? 0) : 0;
  return number(block.subarray(148, 156)) === sum;
}

/** What a pax header says of the size; undefined where it says nothing, null where it makes no sense. */
function paxSize(content: Uint8Array): number | null | undefined {
  let rest = decoder.decode(content);
  while (rest) {
    const length = Number.parseInt(/^(\d{1,9}) /.exec(rest)?.[1] ?? '0', 10);
    if (length === 0 || length > rest.length) return null;
    const value = /^\d+ size=(.*)\n$/s.exec(rest.slice(0, length))?.[1];
    if (value !== undefined) return /^\d{1,15}$/.test(value) ? Number(value) : null;
    rest = rest.slice(length);
  }
  return undefined;
}

/** One walk from header to header. */
class Walk {
  readonly pages = new Pages();
  readonly #source: Source;
  readonly #window: Window;
  #at = 0;
  #members = 0;
  #paxSize: number | undefined;

  constructor(source: Source, signal?: AbortSignal) {
    this.#source = source;
    this.#window = new Window(source, signal);
  }

  async run(): Promise<void> {
    while (this.#at < this.#source.size && this.pages.size <= LONGEST_LIST) {
      const block = await this.#take(BLOCK);
      if (block.length === BLOCK && isZero(block)) return this.#end();
      if (block.length < BLOCK || !isHeader(block)) return;
      const size = number(block.subarray(124, 136));
      if (size === null || !(await this.#follow(block[156] ?? 0, size))) return;
    }
  }

  async #take(length: number): Promise<Uint8Array> {
    const bytes = await this.#window.read(this.#at, length);
    this.pages.add(bytes);
    this.#at += length;
    return bytes;
  }

  /** Go to the next header; false when there is no way on. */
  async #follow(kind: number, size: number): Promise<boolean> {
    if (kind === LONG_NAME || kind === LONG_LINK || kind === PAX || kind === GLOBAL) {
      if (size > LONGEST_META) return false;
      const content = await this.#take(padded(size));
      const told = kind === PAX ? paxSize(content.subarray(0, size)) : this.#paxSize;
      if (told === null) return false;
      this.#paxSize = told;
      return true;
    }
    const real = this.#paxSize ?? size;
    this.#paxSize = undefined;
    this.#members++;
    this.#at += FILES.has(kind) ? padded(real) : 0;
    return this.#members <= MOST_MEMBERS && (real === 0 || FILES.has(kind));
  }

  /** One block of zeros was taken: another one, and whatever behind them is none. */
  async #end(): Promise<void> {
    if (this.#at < this.#source.size) await this.#take(BLOCK);
    for (; this.#at < this.#source.size; this.#at += WIDE) {
      const rest = await this.#window.read(this.#at, WIDE);
      const wrong = rest.findIndex((byte) => byte !== 0);
      if (wrong < 0) continue;
      const start = wrong - (wrong % BLOCK);
      this.pages.add(rest.subarray(start, start + BLOCK));
      return;
    }
  }
}

/** The list in pieces; null when it would be longer than the server takes. Rejects when the file cannot be read. */
export async function tarHeaders(
  file: Source,
  signal?: AbortSignal,
): Promise<Array<Uint8Array<ArrayBuffer>> | null> {
  const walk = new Walk(file, signal);
  await walk.run();
  return walk.pages.size > LONGEST_LIST ? null : walk.pages.all();
}
