import { describe, expect, it } from 'vitest';
import {
  compareInstants,
  fromMillis,
  instantText,
  parseInstant,
  StampReader,
  shiftInstant,
  toMillis,
} from './logtime';
import { bytesOf } from './testing/logs';

function read(text: string): [number, string] {
  const reader = new StampReader();
  const data = bytesOf(`..${text}`);
  const next = reader.read(data, 2, data.length);
  return [next < 0 ? next : next - 2, instantText(reader)];
}

describe('StampReader', () => {
  it.each([
    ['2026-11-24T13:40:11.123456789Z hi', 31, '1795527611.123456789'],
    ['1970-01-01T00:00:00.000000000Z ', 31, '0.000000000'],
    ['2024-02-29T23:59:59.5Z x', 23, '1709251199.500000000'],
    ['2000-12-31T00:00:00Z x', 21, '978220800.000000000'],
    ['2026-11-24T15:40:11.1+02:00 x', 28, '1795527611.100000000'],
    ['2026-11-24T08:10:11-05:30 x', 26, '1795527611.000000000'],
    ['0001-01-01T00:00:00Z x', 21, '0.000000000'],
  ])('reads %s', (text, next, time) => {
    expect(read(text)).toEqual([next, time]);
  });

  it.each([
    '',
    'plain text without any time at all',
    '2026-11-24 13:40:11.123456789Z hi',
    '2026-11-24T13:40:11.123456789Z',
    '2026-11-24T13:40:11.123456789',
    '2026-1x-24T13:40:11.123456789Z hi',
    '2026-11-24T13:40:11.123456789X hi',
  ])('leaves %j alone', (text) => {
    expect(read(text)).toEqual([-1, '0.000000000']);
  });
});

describe('instants', () => {
  it('survive their text', () => {
    const time = { sec: 1_764_000_000, nano: 42 };
    expect(parseInstant(instantText(time))).toEqual(time);
    expect(parseInstant('12.5')).toEqual({ sec: 12, nano: 500_000_000 });
    expect(parseInstant('-1')).toBeNull();
    expect(parseInstant('1.2.3')).toBeNull();
  });

  it('compare and shift by nanoseconds', () => {
    expect(compareInstants({ sec: 1, nano: 2 }, { sec: 1, nano: 3 })).toBeLessThan(0);
    expect(shiftInstant({ sec: 5, nano: 10 }, -20)).toEqual({ sec: 4, nano: 999_999_990 });
    expect(shiftInstant({ sec: 5, nano: 999_999_999 }, 1)).toEqual({ sec: 6, nano: 0 });
    expect(shiftInstant({ sec: 0, nano: 10 }, -20)).toEqual({ sec: 0, nano: 0 });
    expect(toMillis(fromMillis(1234.5))).toBe(1234.5);
  });
});
