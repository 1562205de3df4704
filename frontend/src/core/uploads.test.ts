import { describe, expect, it } from 'vitest';
import { batches, collisions, type LocalFile, Speed } from './uploads';

function file(path: string, size = 3): LocalFile<string> {
  return { path, size, mtime: 1_700_000_000_500, content: path.slice(0, size) };
}

const none = new Set<string>();

function head(part: string | undefined): { files: Array<Record<string, unknown>>; folders: string[] } {
  return JSON.parse(part ?? '');
}

describe('batches', () => {
  it('lists files and empty folders before the contents', () => {
    const [batch, ...more] = batches({ files: [file('abc'), file('d/ef')], folders: ['empty'] }, none);
    expect(more).toEqual([]);
    expect(head(batch?.parts[0])).toEqual({
      folders: ['empty'],
      files: [
        { path: 'abc', size: 3, mtime: 1_700_000_000 },
        { path: 'd/ef', size: 3, mtime: 1_700_000_000 },
      ],
    });
    expect(batch?.parts[0]?.endsWith('\n')).toBe(true);
    expect(batch?.parts.slice(1)).toEqual(['abc', 'd/e']);
    expect(batch?.size).toBe(6);
  });

  it('says which files take the place of others', () => {
    const [batch] = batches(
      { files: [file('old'), file('new'), file('d/x')], folders: [] },
      new Set(['old', 'd']),
    );
    expect(head(batch?.parts[0]).files.map((entry) => entry.replace)).toEqual([true, undefined, true]);
  });

  it('sends many files in several requests, the empty folders once', () => {
    const files = Array.from({ length: 4_500 }, (_, i) => file(`f${i}`));
    const made = batches({ files, folders: ['e'] }, none);
    expect(made.map((batch) => batch.files)).toEqual([2000, 2000, 500]);
    expect(made.map((batch) => head(String(batch.parts[0])).folders.length)).toEqual([1, 0, 0]);
  });

  it('keeps each list short enough to be read', () => {
    const files = Array.from({ length: 400 }, (_, i) => file(`${'x'.repeat(2000)}${i}`));
    expect(
      Math.max(...batches({ files, folders: [] }, none).map((b) => String(b.parts[0]).length)),
    ).toBeLessThan(500_000);
  });

  it('makes nothing of nothing', () => {
    expect(batches({ files: [], folders: [] }, none)).toEqual([]);
  });
});

describe('collisions', () => {
  it('names what is there already, once, at the top', () => {
    const chosen = { files: [file('a/b'), file('a/c'), file('n')], folders: ['z/y'] };
    expect(collisions(chosen, new Set(['a', 'z', 'b']))).toEqual(['a', 'z']);
  });
});

describe('Speed', () => {
  it('is that of the last seconds', () => {
    const speed = new Speed();
    expect(speed.at(0, 0)).toBe(0);
    expect(speed.at(1_000, 5_000)).toBe(5_000);
    speed.at(4_000, 5_000);
    expect(speed.at(5_000, 5_000)).toBe(0);
  });
});
