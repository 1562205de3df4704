import { describe, expect, it } from 'vitest';
import { tarball } from './tarball';
import { tarHeaders } from './tarheaders';

const encoder = new TextEncoder();
const END = new Uint8Array(1024);

/** A header; `size` as a number, or as the bytes of its field. */
function header(name: string, size: number | Uint8Array, type = '0'): Uint8Array {
  const block = new Uint8Array(512);
  block.set(encoder.encode(name).subarray(0, 100));
  const field = typeof size === 'number' ? encoder.encode(`${size.toString(8).padStart(11, '0')}\0`) : size;
  block.set(field, 124);
  block.set(encoder.encode(type), 156);
  block.set(encoder.encode('ustar\0' + '00'), 257);
  block.fill(32, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.set(encoder.encode(`${sum.toString(8).padStart(6, '0')}\0 `), 148);
  return block;
}

function content(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  const filled = new Uint8Array(Math.ceil(bytes.length / 512) * 512);
  filled.set(bytes);
  return filled;
}

const join = (...parts: readonly Uint8Array[]) => new Uint8Array(parts.flatMap((part) => [...part]));
const blob = (...parts: readonly Uint8Array[]) => new Blob([...parts] as BlobPart[]);

async function list(file: Parameters<typeof tarHeaders>[0]): Promise<Uint8Array> {
  return join(...((await tarHeaders(file)) ?? [encoder.encode('too long')]));
}

/** A file that is not there but for some pieces, and counts how much of it is read. */
class Sparse {
  read = 0;
  calls = 0;
  constructor(
    readonly size: number,
    readonly pieces: ReadonlyArray<readonly [at: number, bytes: Uint8Array]>,
  ) {}

  slice(from: number, to: number): { arrayBuffer(): Promise<ArrayBuffer> } {
    const bytes = new Uint8Array(Math.max(0, Math.min(to, this.size) - from));
    for (const [at, piece] of this.pieces) {
      const start = Math.max(at, from);
      const stop = Math.min(at + piece.length, from + bytes.length);
      if (start < stop) bytes.set(piece.subarray(start - at, stop - at), start - from);
    }
    this.read += bytes.length;
    this.calls++;
    return { arrayBuffer: async () => bytes.buffer };
  }
}

const A = [header('a', 3), content('abc')] as const;

describe('tarHeaders', () => {
  it('takes the contents out and keeps the rest, to two blocks of the end', async () => {
    const [link, folder] = [header('l', 0, '2'), header('d/', 0, '5')];
    const archive = blob(folder, ...A, link, header('b', 513), content('x'.repeat(513)), END, END);
    expect(await list(archive)).toEqual(join(folder, A[0], link, header('b', 513), END));
  });

  it('keeps long names, whoever wrote them', async () => {
    const name = `${'d/'.repeat(300)}x`;
    const gnu = [header('././@LongLink', name.length, 'L'), content(name), header('x', 3)];
    expect(await list(blob(...gnu, content('abc'), END))).toEqual(join(...gnu, END));
    const parts = tarball([{ path: name, size: 3, mtime: 0, content: encoder.encode('abc') }]);
    const [pax, record, padding, head, , , end] = parts as Uint8Array[];
    expect(await list(blob(...parts))).toEqual(join(...([pax, record, padding, head, end] as Uint8Array[])));
  });

  it('follows a size in a pax header, for one member', async () => {
    const record = content('13 size=1024\n');
    const heads = [header('p', 13, 'x'), record, header('big', 0)];
    const archive = blob(...heads, new Uint8Array(1024).fill(1), ...A, END);
    expect(await list(archive)).toEqual(join(...heads, A[0], END));
  });

  it('follows sizes in binary, and reads little of a large file', async () => {
    const size = 9 * 1024 ** 3;
    const field = new Uint8Array(12);
    field[0] = 0x80;
    new DataView(field.buffer).setBigUint64(4, BigInt(size));
    const [first, second] = [header('big', field), header('after', 0)];
    const file = new Sparse(512 + size + 512 + 1024, [
      [0, first],
      [512 + size, second],
    ]);
    expect(await list(file)).toEqual(join(first, second, END));
    expect(file.read).toBeLessThan(3 * 1024 ** 2);
  });

  it('reads many small members at once', async () => {
    const members = Array.from({ length: 5_000 }, (_, i) => header(`f${i}`, 1));
    const body = content('x');
    const whole = new Uint8Array(5_000 * 1024 + 1024);
    members.forEach((head, i) => {
      whole.set(head, i * 1024);
      whole.set(body, i * 1024 + 512);
    });
    const file = new Sparse(whole.length, [[0, whole]]);
    const found = (await tarHeaders(file)) ?? [];
    expect(found.reduce((sum, part) => sum + part.length, 0)).toBe(5_000 * 512 + 1024);
    expect(file.calls).toBeLessThan(12);
  });

  it('stops one behind the most members that are taken', async () => {
    const head = header('f', 0);
    const file = {
      size: 2 ** 40,
      slice: (from: number, to: number) => ({
        arrayBuffer: async () => {
          const bytes = new Uint8Array(to - from);
          for (let at = 0; at < bytes.length; at += 512) bytes.set(head.subarray(0, to - from - at), at);
          return bytes.buffer;
        },
      }),
    };
    const found = (await tarHeaders(file)) ?? [];
    expect(found.reduce((sum, part) => sum + part.length, 0)).toBe(100_001 * 512);
  });

  it.each([0, 100, 512, 700, 1024])('has no end when the archive has none (%i bytes)', async (length) => {
    const whole = join(...A, header('b', 5), content('12345'), END);
    const found = await list(blob(whole.subarray(0, length)));
    expect(found).toEqual(whole.subarray(0, Math.min(length, 512)));
  });

  it.each([
    ['compressed', new Uint8Array(2000).fill(0x1f)],
    ['a page', content('<html>'.repeat(300))],
    ['a size that is none', join(header('x', encoder.encode('nonsense1234')), END)],
    ['a size without end', join(header('x', new Uint8Array(12).fill(0xbf)), END)],
    ['a link with a content', join(header('l', 5, '2'), END)],
    ['an endless long name', join(header('l', 100_000, 'L'), new Uint8Array(200_000))],
  ])('ends the list at what it cannot follow: %s', async (_, archive) => {
    expect(await list(blob(archive))).toEqual(archive.subarray(0, 512));
  });

  it('ends at a pax header that makes no sense', async () => {
    for (const text of ['99999 size=1\n', '10 size=x\n', 'x', '12 size=-10\n']) {
      const heads = [header('p', text.length, 'x'), content(text)];
      expect(await list(blob(...heads, ...A, END))).toEqual(join(...heads));
    }
  });

  it('keeps what follows the end, for the server to refuse', async () => {
    const junk = new Uint8Array(512).fill(7);
    const zeros = new Uint8Array(3 * 1024 ** 2);
    expect(await list(new Sparse(4 * 1024 ** 2, [[0, join(...A, END)]]))).toEqual(join(A[0], END));
    const file = new Sparse(zeros.length + 2560, [
      [0, join(...A, END)],
      [zeros.length + 1024, junk],
    ]);
    expect(await list(file)).toEqual(join(A[0], END, junk));
  });

  it('can be stopped', async () => {
    await expect(tarHeaders(blob(...A, END), AbortSignal.abort())).rejects.toThrow();
  });
});
