import { describe, expect, it } from 'vitest';
import {
  DEFAULTS,
  lineText,
  needsReload,
  optionsOf,
  rangeLabel,
  readLine,
  readSettings,
  spanMillis,
  writeSettings,
} from './logsettings';

describe('settings in the address', () => {
  it('survive the way there and back', () => {
    const settings = {
      ...DEFAULTS,
      query: 'a=b & c|d',
      regex: true,
      matchCase: true,
      onlyMatches: true,
      context: 3,
      level: 3,
      stderr: false,
      details: true,
      last: '30m',
      tail: 'all' as const,
      line: '1764000000.000000042:1',
    };
    const written = writeSettings(settings, new URLSearchParams('id=x&id=y'));
    expect(readSettings(new URLSearchParams(written.toString()))).toEqual(settings);
    expect(written.getAll('id')).toEqual(['x', 'y']);
  });

  it('leave a short address when nothing is special', () => {
    expect(writeSettings(DEFAULTS, new URLSearchParams('q=old&level=warn')).toString()).toBe('');
  });

  it('ignore nonsense', () => {
    const text = 'level=loud&tail=-5&last=soon&since=x&until=2026-13-45T&line=1:x&context=1e9&times=never';
    expect(readSettings(new URLSearchParams(text))).toEqual(DEFAULTS);
  });

  it('take times as people write them', () => {
    const since = (text: string) => readSettings(new URLSearchParams({ since: text })).since;
    expect(since('2026-11-24T13:40:11Z')).toBe('1795527611.000000000');
    expect(since('2026-11-24T15:40:11.123456789+02:00')).toBe('1795527611.123456789');
    expect(since('2026-11-24T13:40:11')).toBe('');
  });
});

describe('what is asked for', () => {
  it('turns a span into a time', () => {
    expect(optionsOf({ ...DEFAULTS, last: '1h' }, 7_200_000)).toMatchObject({
      since: '3600.000000000',
      until: null,
    });
    expect(spanMillis('7d')).toBe(604_800_000);
    expect(spanMillis('0x')).toBeNull();
  });

  it('begins at a line that is linked to', () => {
    expect(optionsOf({ ...DEFAULTS, line: '5.000000001:2' }, 0).at).toBe('5.000000001');
    expect(readLine('5.000000001:2')).toEqual({ time: { sec: 5, nano: 1 }, ordinal: 2 });
    expect(lineText({ time: { sec: 5, nano: 1 }, ordinal: 2 })).toBe('5.000000001:2');
    expect(readLine('')).toBeNull();
  });

  it('never asks for neither stream', () => {
    expect(optionsOf({ ...DEFAULTS, stdout: false, stderr: false }, 0)).toMatchObject({
      stdout: true,
      stderr: false,
    });
  });

  it('knows what needs other lines', () => {
    expect(needsReload(DEFAULTS, { ...DEFAULTS, query: 'x', level: 2, wrap: false })).toBe(false);
    expect(needsReload(DEFAULTS, { ...DEFAULTS, stderr: false })).toBe(true);
  });
});

describe('rangeLabel', () => {
  const words = (ms: number) => `@${ms / 1000}`;

  it.each([
    [{}, 'Any time'],
    [{ last: '30m' }, 'Last 30 min'],
    [{ last: '90m' }, 'Last 90m'],
    [{ since: '5' }, 'Since @5'],
    [{ until: '6' }, 'Until @6'],
    [{ since: '5', until: '6' }, '@5 – @6'],
  ])('%j: %s', (change, label) => expect(rangeLabel({ ...DEFAULTS, ...change }, words)).toBe(label));
});
