/** How many lines came when, by level: the strip above the log. */
import { ERROR, WARN } from './loglevel';
import { KIND_NOTICE, LEVEL_MASK, type LogStore } from './logstore';

export interface Histogram {
  /** Milliseconds since the epoch: the start of the first bar and the end of the last. */
  readonly from: number;
  readonly to: number;
  /** Lines per bar: all but warnings and errors, warnings, errors. */
  readonly other: Uint32Array;
  readonly warn: Uint32Array;
  readonly error: Uint32Array;
}

/** Bars of equal width over the time that the store covers; null when it covers none. */
export function histogram(store: LogStore, bars: number): Histogram | null {
  const [from, to] = span(store);
  if (!(to >= from)) return null;
  const width = Math.max(to - from + 1, bars) / bars;
  const counts = [new Uint32Array(bars), new Uint32Array(bars), new Uint32Array(bars)] as const;
  for (const chunk of store.chunks) {
    const { secs, nanos, kinds, count } = chunk;
    for (let i = 0; i < count; i++) {
      const kind = kinds[i] as number;
      if (kind & KIND_NOTICE) continue;
      const bar = Math.floor(((secs[i] as number) * 1000 + (nanos[i] as number) / 1e6 - from) / width);
      const level = kind & LEVEL_MASK;
      const row = counts[level === ERROR ? 2 : level === WARN ? 1 : 0];
      const place = Math.min(bars - 1, bar);
      row[place] = (row[place] as number) + 1;
    }
  }
  return { from, to: from + width * bars, other: counts[0], warn: counts[1], error: counts[2] };
}

function span(store: LogStore): [number, number] {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { secs, nanos, kinds, count } of store.chunks) {
    for (let i = 0; i < count; i++) {
      if ((kinds[i] as number) & KIND_NOTICE) continue;
      const sec = (secs[i] as number) * 1000;
      if (sec < from) from = Math.min(from, sec + (nanos[i] as number) / 1e6);
      if (sec + 1000 > to) to = Math.max(to, sec + (nanos[i] as number) / 1e6);
    }
  }
  return [from, to];
}
