import { describe, expect, it } from 'vitest';
import { ago, isNever, span } from './age';
import { bytes, count, percent, rate, speed } from './format';

describe('sizes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1023, '1 KiB'],
    [1024, '1 KiB'],
    [432_013_312, '412 MiB'],
    [1_986_422_374, '1.85 GiB'],
    [1_073_741_823, '1 GiB'],
    [2 ** 50 * 3000, '3000 PiB'],
    [-5, '0 B'],
  ])('%d bytes are %s', (value, text) => expect(bytes(value)).toBe(text));

  it.each([
    [0, '0 B/s'],
    [88_000, '88 kB/s'],
    [999_600, '1 MB/s'],
    [1_800_000, '1.8 MB/s'],
    [38_640_000, '38.6 MB/s'],
  ])('%d per second is %s', (value, text) => expect(rate(value)).toBe(text));

  it('gives the speed of a transfer in the units of its sizes', () =>
    expect(speed(54 << 20)).toBe('54 MiB/s'));
});

describe('percentages', () => {
  it.each([
    [0, '0%'],
    [0.04, '0%'],
    [0.44, '0.4%'],
    [9.94, '9.9%'],
    [9.96, '10%'],
    [156.2, '156%'],
  ])('%d is %s', (value, text) => expect(percent(value)).toBe(text));
});

describe('counts', () => {
  it('know singular and plural', () => {
    expect([count(0, 'row'), count(1, 'row'), count(2, 'match', 'matches')]).toEqual([
      '0 rows',
      '1 row',
      '2 matches',
    ]);
  });
});

describe('ages', () => {
  it.each([
    [-3, '0 s'],
    [59.9, '59 s'],
    [60, '1 m'],
    [41 * 60, '41 m'],
    [3 * 3600 + 59 * 60, '3 h'],
    [6 * 86_400, '6 d'],
    [29 * 86_400, '29 d'],
    [31 * 86_400, '1 mo'],
    [800 * 86_400, '2 y'],
  ])('%d seconds are %s', (seconds, text) => expect(span(seconds)).toBe(text));

  it('say ago, just now and in', () => {
    expect([ago(0, 500), ago(0, 90_000), ago(61_000, 0)]).toEqual(['just now', '1 m ago', 'in 1 m']);
  });

  it('know Docker’s never', () => {
    expect([isNever('0001-01-01T00:00:00Z'), isNever(''), isNever('2026-01-01T00:00:00Z')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});
