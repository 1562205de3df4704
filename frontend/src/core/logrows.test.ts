import { describe, expect, it } from 'vitest';
import { HitFinder } from './loghits';
import { ERROR, INFO, WARN } from './loglevel';
import { RowIndex } from './logrows';
import { compileQuery, matchingLines } from './logsearch';
import { KIND_NOTICE, LogStore } from './logstore';
import { bytesOf } from './testing/logs';

const LEVELS = [INFO, WARN, INFO, ERROR, 0];

function fill(store: LogStore, from: number, to: number, pad = 0): LogStore {
  for (let n = from; n < to; n++) {
    const data = bytesOf(`n=${n} ${'.'.repeat(pad)}`);
    store.append(data, 0, data.length, { sec: 1000 + n, nano: 0 }, LEVELS[((n % 5) + 5) % 5] as number, 0);
  }
  return store;
}

function shown(rows: RowIndex): string[] {
  const out: string[] = [];
  for (let row = rows.first; row < rows.next; row++) {
    const line = rows.line(row);
    out.push(line === undefined ? '?' : (rows.store.line(line)?.text.trim() ?? '?'));
  }
  return out;
}

function run(finder: HitFinder, text: string): void {
  const compiled = compileQuery({ text, regex: true, matchCase: false });
  if ('error' in compiled) throw new Error(compiled.error);
  for (let part = finder.ask(); part !== null; part = finder.ask()) {
    const { chunk } = part;
    finder.answer(matchingLines(chunk.text.subarray(0, chunk.used), chunk.starts, chunk.count, compiled.re));
  }
}

describe('RowIndex without a filter', () => {
  it('is the store itself', () => {
    const store = fill(new LogStore(), 0, 10);
    const rows = new RowIndex(store);
    store.prepend(fill(new LogStore(), -5, 0));
    rows.update();
    expect([rows.first, rows.next]).toEqual([-5, 10]);
    expect(rows.line(-5)).toBe(-5);
    expect(rows.line(10)).toBeUndefined();
    expect(rows.row(99)).toBe(10);
  });
});

describe('RowIndex by level', () => {
  it('follows what is added at both ends and keeps the numbers of rows', () => {
    const store = fill(new LogStore(), 0, 10);
    const rows = new RowIndex(store);
    rows.setFilter({ level: WARN, hits: null, context: 0 });
    const version = rows.version;
    expect(shown(rows)).toEqual(['n=1', 'n=3', 'n=6', 'n=8']);
    const row = rows.row(6);
    fill(store, 10, 15);
    store.prepend(fill(new LogStore(), -5, 0));
    rows.update();
    expect(shown(rows)).toEqual(['n=-4', 'n=-2', 'n=1', 'n=3', 'n=6', 'n=8', 'n=11', 'n=13']);
    expect(rows.row(6)).toBe(row);
    expect(rows.version).toBe(version);
  });

  it('follows what is dropped', () => {
    const store = fill(new LogStore(), 0, 5000, 1000);
    const rows = new RowIndex(store);
    rows.setFilter({ level: ERROR, hits: null, context: 0 });
    const row = rows.row(4998);
    store.trimFront(4 << 20);
    store.trimBack(2 << 20, store.first + 10);
    rows.update();
    expect(rows.next).toBeGreaterThan(rows.first);
    expect(rows.line(rows.first)).toBeGreaterThanOrEqual(store.first);
    expect(rows.line(rows.next - 1)).toBeLessThan(store.next);
    fill(store, store.next, store.next + 5);
    rows.update();
    expect(rows.next - rows.first).toBe(shown(rows).length);
    expect(shown(rows)).not.toContain('?');
    expect(row).toBeGreaterThan(0);
  });

  it('always shows notices', () => {
    const store = fill(new LogStore(), 0, 3);
    const notice = bytesOf('{"kind":"gap"}');
    store.append(notice, 0, notice.length, { sec: 1003, nano: 0 }, KIND_NOTICE, 0);
    const rows = new RowIndex(store);
    rows.setFilter({ level: ERROR, hits: null, context: 0 });
    expect(shown(rows)).toEqual(['{"kind":"gap"}']);
  });

  it('starts anew when lines get other numbers', () => {
    const store = fill(new LogStore(), 0, 10);
    const rows = new RowIndex(store);
    rows.setFilter({ level: ERROR, hits: null, context: 0 });
    const version = rows.version;
    store.replace(4, 5, fill(new LogStore(), 13, 14));
    rows.update();
    expect(shown(rows)).toEqual(['n=3', 'n=13', 'n=8']);
    expect(rows.version).toBeGreaterThan(version);
  });
});

describe('HitFinder and RowIndex', () => {
  it('finds everything, whatever arrives meanwhile', () => {
    const store = fill(new LogStore(), 0, 3000, 1000);
    const finder = new HitFinder(store);
    expect(finder.progress).toBe(0);
    const part = finder.ask();
    fill(store, 3000, 3010, 1000);
    store.prepend(fill(new LogStore(), -10, 0, 1000));
    finder.answer(
      part === null ? [] : [...Array(part.chunk.count).keys()].filter((i) => (part.from + i) % 10 === 0),
    );
    run(finder, '^n=-?\\d*0 ');
    expect(finder.complete).toBe(true);
    expect(finder.progress).toBe(1);
    const all = Array.from({ length: finder.numbers.length }, (_, i) => finder.numbers.at(i));
    expect(all).toEqual(Array.from({ length: 302 }, (_, i) => (i - 1) * 10));
  });

  it('drops hits with the lines', () => {
    const store = fill(new LogStore(), 0, 5000, 1000);
    const finder = new HitFinder(store);
    run(finder, '0 ');
    store.trimFront(2 << 20);
    finder.trim();
    expect(finder.numbers.at(0)).toBe(Math.ceil(store.first / 10) * 10);
    expect(finder.complete).toBe(true);
  });

  it('shows hits only, or with context', () => {
    const store = fill(new LogStore(), 0, 30);
    const finder = new HitFinder(store);
    const rows = new RowIndex(store);
    rows.setFilter({ level: 0, hits: finder, context: 0 });
    expect(shown(rows)).toEqual([]);
    run(finder, 'n=1[02] ');
    rows.update();
    expect(shown(rows)).toEqual(['n=10', 'n=12']);
    rows.setFilter({ level: 0, hits: finder, context: 2 });
    expect(shown(rows)).toEqual(['n=8', 'n=9', 'n=10', 'n=11', 'n=12', 'n=13', 'n=14']);
    rows.setFilter({ level: WARN, hits: finder, context: 0 });
    expect(shown(rows)).toEqual([]);
  });

  it('adds context before a hit that comes later', () => {
    const store = fill(new LogStore(), 0, 5);
    const finder = new HitFinder(store);
    const rows = new RowIndex(store);
    rows.setFilter({ level: 0, hits: finder, context: 1 });
    run(finder, 'n=6');
    rows.update();
    expect(shown(rows)).toEqual([]);
    fill(store, 5, 8);
    run(finder, 'n=6');
    rows.update();
    expect(shown(rows)).toEqual(['n=5', 'n=6', 'n=7']);
  });
});
