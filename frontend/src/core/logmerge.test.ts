import { describe, expect, it } from 'vitest';
import { LogMerge, WINDOW_MS } from './logmerge';
import { KIND_STDERR } from './logstore';
import { bytesOf } from './testing/logs';

function merge(): {
  out: string[];
  m: LogMerge;
  add: (s: number, at: number, now: number, kind?: number) => void;
} {
  const out: string[] = [];
  const m = new LogMerge((chunk, i) => out.push(chunk.string(i)));
  const add = (source: number, at: number, now: number, kind = 0) => {
    const data = bytesOf(`${source}@${at}`);
    m.add(source, data, 0, data.length, { sec: at, nano: 0 }, kind, now);
  };
  return { out, m, add };
}

describe('LogMerge', () => {
  it('waits for the past of every source', () => {
    const { out, m, add } = merge();
    m.open(1);
    m.open(2);
    add(1, 10, 0);
    m.release(10_000);
    expect(out).toEqual([]);
    add(2, 5, 10_000);
    m.settle(2);
    m.settle(1);
    m.release(20_000);
    expect(out).toEqual(['2@5', '1@10']);
  });

  it('orders lines that come within the window', () => {
    const { out, m, add } = merge();
    for (const source of [1, 2]) {
      m.open(source);
      m.settle(source);
    }
    add(1, 20, 0);
    m.release(WINDOW_MS - 1);
    expect(out).toEqual([]);
    add(2, 19, WINDOW_MS - 1);
    m.release(WINDOW_MS);
    expect(out).toEqual([]);
    m.release(2 * WINDOW_MS);
    expect(out).toEqual(['2@19', '1@20']);
  });

  it('does not wait when every source is further already', () => {
    const { out, m, add } = merge();
    m.open(1);
    m.open(2);
    add(1, 1, 0);
    add(1, 1, 0, KIND_STDERR);
    add(2, 2, 0);
    add(2, 2, 0, KIND_STDERR);
    m.release(0);
    expect(out).toEqual(['1@1', '1@1']);
    add(1, 3, 0);
    add(1, 3, 0, KIND_STDERR);
    m.release(0);
    expect(out).toEqual(['1@1', '1@1', '2@2', '2@2']);
    expect(m.waiting).toBe(2);
  });

  it('orders stdout and stderr of one source', () => {
    const { out, m, add } = merge();
    m.open(1);
    add(1, 5, 0);
    add(1, 4, 0, KIND_STDERR);
    add(1, 6, 0, KIND_STDERR);
    m.drain();
    expect(out).toEqual(['1@4', '1@5', '1@6']);
  });

  it('forgets what had not gone out when a source begins again', () => {
    const { out, m, add } = merge();
    m.open(1);
    add(1, 5, 0);
    m.open(1);
    add(1, 5, 0);
    m.drain();
    expect(out).toEqual(['1@5']);
  });

  it('keeps a random mix in order', () => {
    const { out, m, add } = merge();
    for (let source = 0; source < 5; source++) m.open(source);
    const clocks = [0, 0, 0, 0, 0];
    let seed = 7;
    for (let i = 0; i < 5000; i++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      const source = seed % 5;
      clocks[source] = (clocks[source] ?? 0) + (seed % 7);
      add(source, clocks[source] ?? 0, i);
      m.release(i);
    }
    m.drain();
    const times = out.map((text) => Number(text.split('@')[1]));
    expect(times).toHaveLength(5000);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });
});
