import { describe, expect, it } from 'vitest';
import { Series } from './series';

describe('Series', () => {
  it('starts with the history and goes on live', () => {
    const series = new Series(600);
    series.reset({ step: 1, t: [10, 11], cpu: [1, null], memory: [5, 6] });
    series.push({ t: 12, cpu: 3 });
    expect(series.times).toEqual([10, 11, 12]);
    expect(series.column('cpu')).toEqual([1, null, 3]);
    expect(series.column('memory')).toEqual([5, 6, null]);
    expect(series.last('cpu')).toBe(3);
    expect(series.column('rx')).toEqual([null, null, null]);
  });

  it('breaks the line where nothing was measured', () => {
    const series = new Series(600);
    series.reset({ step: 1, t: [10, 20], cpu: [1, 2] });
    series.push({ t: 22, cpu: 3 });
    series.push({ t: 30, cpu: 4 });
    expect(series.times).toEqual([10, 11, 20, 22, 23, 30]);
    expect(series.column('cpu')).toEqual([1, null, 2, 3, null, 4]);
  });

  it('averages live samples into coarser steps', () => {
    const series = new Series(6 * 3600);
    series.reset({ step: 10, t: [100], cpu: [10] });
    for (const [t, cpu] of [
      [110, 1],
      [111, 2],
      [112, 6],
      [120, 5],
    ] as const)
      series.push({ t, cpu });
    expect(series.times).toEqual([100, 110, 120]);
    expect(series.column('cpu')).toEqual([10, 3, 5]);
  });

  it('forgets what is older than its reach', () => {
    const series = new Series(3);
    series.reset({ step: 1, t: [1, 2, 3], cpu: [1, 2, 3] });
    series.push({ t: 5, cpu: 5 });
    expect(series.times).toEqual([2, 3, 5]);
  });

  it('ignores a sample that came before', () => {
    const series = new Series(60);
    series.reset({ step: 1, t: [5], cpu: [1] });
    series.push({ t: 5, cpu: 9 });
    expect(series.column('cpu')).toEqual([1]);
  });
});
