import { describe, expect, it } from 'vitest';
import { buildContext } from './buildcontext';
import { tarball } from './tarball';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A reader of its own, to check the writer by: names and contents, and that every checksum is right. */
function read(archive: Uint8Array): Record<string, string> {
  const found: Record<string, string> = {};
  const text = (from: number, length: number) =>
    decoder.decode(archive.subarray(from, from + length)).replace(/\0.*$/s, '');
  let at = 0;
  let long: string | undefined;
  while (archive[at]) {
    const header = archive.slice(at, at + 512);
    const told = Number.parseInt(text(at + 148, 8), 8);
    header.fill(32, 148, 156);
    expect(header.reduce((sum, byte) => sum + byte, 0)).toBe(told);
    const size = Number.parseInt(text(at + 124, 12), 8);
    const content = decoder.decode(archive.subarray(at + 512, at + 512 + size));
    if (text(at + 156, 1) === 'x') {
      const [length, record] = [Number.parseInt(content, 10), content.slice(content.indexOf(' ') + 1)];
      expect(length).toBe(size);
      long = record.replace(/^path=/, '').replace(/\n$/, '');
    } else {
      found[long ?? text(at, 100)] = content;
      long = undefined;
    }
    at += 512 + Math.ceil(size / 512) * 512;
  }
  expect(archive.length - at).toBe(1024);
  return found;
}

function file(path: string, content: string) {
  const bytes = encoder.encode(content);
  return { path, size: bytes.length, mtime: 1_700_000_000_123, content: bytes };
}

describe('tarball', () => {
  it.each([
    ['plain', 'a.txt'],
    ['as long as fits', 'x'.repeat(100)],
    ['longer', `${'d'.repeat(90)}/${'e'.repeat(60)}`],
    ['where the length of the record grows by a digit', 'y'.repeat(990)],
    ['not ASCII', 'ordner/grün.txt'],
  ])('keeps a name that is %s', (_, path) => {
    expect(read(joined(tarball([file(path, 'content')])))).toEqual({ [path]: 'content' });
  });

  it.each([0, 1, 511, 512, 513, 5000])('pads a content of %i bytes', (size) => {
    const content = 'z'.repeat(size);
    expect(read(joined(tarball([file('f', content), file('g', 'end')])))).toEqual({ f: content, g: 'end' });
  });

  it('writes sizes beyond eleven octal digits in binary', () => {
    const [header] = tarball([{ path: 'big', size: 2 ** 33 + 5, mtime: 0, content: new Uint8Array() }]);
    expect([...(header ?? []).slice(124, 136)]).toEqual([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 5]);
  });
});

describe('build context', () => {
  const chosen = (files: Record<string, string>) =>
    Object.entries(files).map(([path, content]) => ({
      webkitRelativePath: `folder/${path}`,
      size: encoder.encode(content).length,
      lastModified: 0,
      content: encoder.encode(content),
      text: () => Promise.resolve(content),
    }));

  it('leaves out what .dockerignore names and nothing else', async () => {
    const files = chosen({
      Dockerfile: 'FROM scratch',
      '.dockerignore': 'node_modules\n*.log\n!keep.log\nDockerfile',
      'src/a.js': '1',
      'node_modules/b/c.js': '2',
      'x.log': '3',
      'keep.log': '4',
    });
    const context = await buildContext(files, '');
    expect(Object.keys(read(joined(context.parts)))).toEqual([
      '.dockerignore',
      'Dockerfile',
      'keep.log',
      'src/a.js',
    ]);
    expect(context.left).toBe(2);
  });

  it('says when the Dockerfile is not there', async () => {
    await expect(buildContext(chosen({ 'a.txt': '' }), '')).rejects.toThrow('no Dockerfile');
    await expect(buildContext(chosen({ Dockerfile: '' }), 'b/Dockerfile')).rejects.toThrow('b/Dockerfile');
  });
});
