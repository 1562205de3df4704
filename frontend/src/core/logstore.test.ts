import { describe, expect, it } from 'vitest';
import { CHUNK_BYTES } from './logchunk';
import { mergeInto } from './logmerge';
import { KIND_STDERR, LogStore } from './logstore';
import { bytesOf } from './testing/logs';

function fill(store: LogStore, from: number, to: number, text = (n: number) => `line ${n}`): LogStore {
  for (let n = from; n < to; n++) {
    const data = bytesOf(text(n));
    store.append(data, 0, data.length, { sec: n, nano: n % 1000 }, n % 5, n % 3);
  }
  return store;
}

function texts(store: LogStore): string[] {
  const out: string[] = [];
  for (let n = store.first; n < store.next; n++) out.push(store.line(n)?.text ?? '(none)');
  return out;
}

const LONG = 'x'.repeat(1000);

describe('LogStore', () => {
  it('gives back what was appended', () => {
    const store = fill(new LogStore(), 0, 5000);
    expect(store.count).toBe(5000);
    expect(store.line(4321)).toEqual({
      number: 4321,
      text: 'line 4321',
      time: { sec: 4321, nano: 321 },
      kind: 1,
      source: 1,
    });
    expect(store.line(5000)).toBeNull();
    expect(store.line(-1)).toBeNull();
  });

  it('takes lines of any length, also none and more than a chunk', () => {
    const store = new LogStore();
    for (const length of [0, 1, 63, 64, 65, CHUNK_BYTES - 1, CHUNK_BYTES, 3 * CHUNK_BYTES]) {
      const data = bytesOf('y'.repeat(length));
      store.append(data, 0, length, { sec: 1, nano: 2 }, KIND_STDERR, 0);
    }
    expect(texts(store).map((text) => text.length)).toEqual([
      0,
      1,
      63,
      64,
      65,
      CHUNK_BYTES - 1,
      CHUNK_BYTES,
      3 * CHUNK_BYTES,
    ]);
  });

  it('drops whole chunks from the front, and lines keep their numbers', () => {
    const store = fill(new LogStore(), 0, 5000, (n) => `${n} ${LONG}`);
    const dropped = store.trimFront(2 << 20);
    expect(store.size).toBeLessThanOrEqual(2 << 20);
    expect(store.first).toBe(dropped);
    expect(store.line(4999)?.text).toBe(`4999 ${LONG}`);
    expect(store.line(dropped - 1)).toBeNull();
    fill(store, 5000, 5001);
    expect(store.line(5000)?.text).toBe('line 5000');
  });

  it('drops chunks from the back down to a line that must stay', () => {
    const store = fill(new LogStore(), 0, 5000, (n) => `${n} ${LONG}`);
    store.trimBack(1 << 20, 2500);
    expect(store.line(2500)?.text).toBe(`2500 ${LONG}`);
    const next = store.next;
    expect(next).toBeLessThan(5000);
    fill(store, next, next + 1);
    expect(store.line(next)?.text).toBe(`line ${next}`);
  });

  it('numbers older lines below the first', () => {
    const store = fill(new LogStore(), 10, 20);
    store.prepend(fill(new LogStore(), 0, 10));
    expect(store.first).toBe(-10);
    expect(store.line(-10)?.text).toBe('line 0');
    expect(store.line(0)?.text).toBe('line 10');
    fill(store, 20, 30);
    store.prepend(fill(new LogStore(), -5, 0));
    expect(texts(store)).toEqual(Array.from({ length: 35 }, (_, i) => `line ${i - 5}`));
  });

  it('replaces lines in the middle', () => {
    const store = fill(new LogStore(), 0, 10);
    const epoch = store.epoch;
    store.replace(3, 5, fill(new LogStore(), 100, 103));
    expect(texts(store)).toEqual([
      'line 0',
      'line 1',
      'line 2',
      'line 100',
      'line 101',
      'line 102',
      ...[5, 6, 7, 8, 9].map((n) => `line ${n}`),
    ]);
    expect(store.epoch).not.toBe(epoch);
    fill(store, 10, 11);
    expect(store.line(store.next - 1)?.text).toBe('line 10');
  });

  it('finds a time', () => {
    const store = fill(new LogStore(), 0, 3000);
    expect(store.findTime({ sec: 0, nano: 0 })).toBe(0);
    expect(store.findTime({ sec: 2000, nano: 0 })).toBe(2000);
    expect(store.findTime({ sec: 2000, nano: 1 })).toBe(2001);
    expect(store.findTime({ sec: 9999, nano: 0 })).toBe(3000);
  });

  it('works as a queue', () => {
    const store = new LogStore(1024);
    let taken = 0;
    for (let round = 0; round < 50; round++) {
      fill(store, round * 20, round * 20 + 20);
      while (store.count > (round % 3) * 5) {
        expect(store.line(store.first)?.text).toBe(`line ${taken++}`);
        store.shift();
      }
    }
    expect(store.chunks.length).toBeLessThan(3);
  });

  it('holds a million lines in little more than their text', () => {
    const store = new LogStore();
    const data = bytesOf('z'.repeat(120));
    for (let n = 0; n < 200_000; n++) store.append(data, 0, 120, { sec: n, nano: 0 }, 0, 0);
    expect(store.size / 200_000).toBeLessThan(121 + 14 + 6);
  });
});

describe('mergeInto', () => {
  it('puts lines between others by time', () => {
    const store = new LogStore();
    const late = new LogStore();
    for (let n = 0; n < 20; n++) fill(n % 4 === 1 ? late : store, n, n + 1);
    mergeInto(store, late);
    expect(texts(store)).toEqual(Array.from({ length: 20 }, (_, i) => `line ${i}`));
  });

  it('takes lines older and newer than all', () => {
    const store = fill(new LogStore(), 5, 10);
    mergeInto(store, fill(fill(new LogStore(), 0, 5), 10, 12));
    expect(texts(store)).toEqual(Array.from({ length: 12 }, (_, i) => `line ${i}`));
  });
});
