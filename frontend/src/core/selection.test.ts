import { describe, expect, it } from 'vitest';
import { Selection } from './selection';
import { Ring, sparkline } from './sparkline';
import { Preferences } from './storage';

describe('Selection', () => {
  const order = ['a', 'b', 'c', 'd', 'e'];

  it('ticks a range from the last change, either way', () => {
    const selection = new Selection();
    selection.set('d', true);
    selection.range('b', true, order);
    expect(selection.ids.sort()).toEqual(['b', 'c', 'd']);
    selection.range('c', false, order);
    expect(selection.ids).toEqual(['d']);
  });

  it('treats a range without a beginning as a single tick', () => {
    const selection = new Selection();
    selection.range('c', true, order);
    expect(selection.ids).toEqual(['c']);
  });

  it('forgets rows that are gone, as the beginning of a range too', () => {
    const selection = new Selection();
    selection.set('a', true);
    selection.forget('a');
    selection.range('c', true, order);
    expect(selection.ids).toEqual(['c']);
  });

  it('sets many without moving the beginning', () => {
    const selection = new Selection();
    selection.setAll(order, true);
    expect(selection.size).toBe(5);
    selection.clear();
    expect(selection.size).toBe(0);
  });
});

describe('sparkline', () => {
  const box = { places: 4, height: 20 };

  it('ends at the right edge and reaches from bottom to top', () => {
    expect(sparkline([0, 100], 100, box)).toEqual({ line: 'M2 19.0L3 1.0', area: 'M2 19.0L3 1.0V20H2Z' });
  });

  it('grows with a spike rather than cutting it', () => {
    expect(sparkline([50, 200], 100, box).line).toBe('M2 14.5L3 1.0');
  });

  it('breaks where nothing was measured', () => {
    expect(sparkline([0, null, 0, 0], 1, box)).toEqual({
      line: 'M0 19.0M2 19.0L3 19.0',
      area: 'M0 19.0V20H0ZM2 19.0L3 19.0V20H2Z',
    });
  });

  it('is empty without values', () => {
    expect(sparkline([], 1, box)).toEqual({ line: '', area: '' });
  });

  it('keeps the last values only', () => {
    const ring = new Ring(3);
    for (const value of [1, 2, 3, 4]) ring.push(value);
    expect(ring.values).toEqual([2, 3, 4]);
    ring.fill([1, 2, 3, null, 5]);
    expect(ring.values).toEqual([3, null, 5]);
  });
});

describe('Preferences', () => {
  it('hold for the page where the browser refuses storage', () => {
    const refused = new Preferences(() => {
      throw new Error('SecurityError');
    });
    refused.set('theme', 'dark');
    expect(refused.get('theme')).toBe('dark');
  });
});
