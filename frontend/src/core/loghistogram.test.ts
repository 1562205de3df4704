import { describe, expect, it } from 'vitest';
import { histogram } from './loghistogram';
import { ERROR, INFO, WARN } from './loglevel';
import { KIND_NOTICE, LogStore } from './logstore';

function add(store: LogStore, ms: number, kind: number): void {
  store.append(new Uint8Array(0), 0, 0, { sec: Math.floor(ms / 1000), nano: (ms % 1000) * 1e6 }, kind, 0);
}

describe('histogram', () => {
  it('counts lines over time by level', () => {
    const store = new LogStore();
    for (let ms = 0; ms < 1000; ms += 10)
      add(store, 5_000_000 + ms, [INFO, WARN, 0, ERROR][(ms / 10) % 4] as number);
    add(store, 9_999_999, KIND_NOTICE);
    const result = histogram(store, 10);
    expect([...(result?.other ?? [])].reduce((a, b) => a + b)).toBe(50);
    expect([...(result?.warn ?? [])].reduce((a, b) => a + b)).toBe(25);
    expect([...(result?.error ?? [])].reduce((a, b) => a + b)).toBe(25);
    expect(result?.from).toBe(5_000_000);
    expect(result?.to).toBeCloseTo(5_000_991, 3);
    expect([...(result?.other ?? [])].every((count) => count >= 4 && count <= 6)).toBe(true);
  });

  it('is nothing without lines', () => {
    expect(histogram(new LogStore(), 10)).toBeNull();
  });

  it('takes one line, and lines out of order', () => {
    const store = new LogStore();
    add(store, 2000, INFO);
    expect(histogram(store, 4)?.other[0]).toBe(1);
    add(store, 1000, ERROR);
    expect(histogram(store, 4)?.error[0]).toBe(1);
  });
});
