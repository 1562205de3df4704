/**
 * Writes a tar as a list of parts: headers as bytes, contents as they are (a browser's File is a reference to the disk and
 * takes no memory). Names that do not fit a header of 1988 go into a pax header before it.
 */

export interface TarFile<Content> {
  /** With forward slashes, relative. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly content: Content;
}

const BLOCK = 512;
const FILE_MODE = 0o755;
const encoder = new TextEncoder();

function put(block: Uint8Array, at: number, bytes: Uint8Array): void {
  block.set(bytes, at);
}

function octal(value: number, digits: number): Uint8Array {
  return encoder.encode(`${Math.trunc(value).toString(8).padStart(digits, '0')}\0`);
}

/** Sizes of 8 GiB and more do not fit eleven octal digits: they are written in binary, top bit set. */
function sizeField(size: number): Uint8Array {
  if (size < 8 ** 11) return octal(size, 11);
  const bytes = new Uint8Array(12);
  bytes[0] = 0x80;
  let rest = size;
  for (let i = 11; i > 3; i--) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  return bytes;
}

function header(name: Uint8Array, size: number, seconds: number, type: string): Uint8Array {
  const block = new Uint8Array(BLOCK);
  put(block, 0, name.subarray(0, 100));
  put(block, 100, octal(FILE_MODE, 7));
  put(block, 108, octal(0, 7));
  put(block, 116, octal(0, 7));
  put(block, 124, sizeField(size));
  put(block, 136, octal(seconds, 11));
  put(block, 148, encoder.encode('        '));
  put(block, 156, encoder.encode(type));
  put(block, 257, encoder.encode('ustar\0' + '00'));
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(block, 148, encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `));
  return block;
}

/** The zeros that fill the last block. */
function padding(size: number): Uint8Array {
  return new Uint8Array((BLOCK - (size % BLOCK)) % BLOCK);
}

/** `<length> path=<name>\n`, where the length counts itself. */
function paxRecord(path: string): Uint8Array {
  const rest = encoder.encode(` path=${path}\n`);
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  const record = new Uint8Array(length);
  record.set(encoder.encode(String(length)));
  record.set(rest, length - rest.length);
  return record;
}

/** All parts of the archive, in order. */
export function tarball<Content>(files: ReadonlyArray<TarFile<Content>>): Array<Uint8Array | Content> {
  const parts: Array<Uint8Array | Content> = [];
  for (const file of files) {
    const name = encoder.encode(file.path);
    const seconds = Math.max(0, Math.floor(file.mtime / 1000));
    if (name.length > 100 || name.length !== file.path.length) {
      const record = paxRecord(file.path);
      parts.push(
        header(encoder.encode('PaxHeader'), record.length, seconds, 'x'),
        record,
        padding(record.length),
      );
    }
    parts.push(header(name, file.size, seconds, '0'), file.content, padding(file.size));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  return parts;
}
