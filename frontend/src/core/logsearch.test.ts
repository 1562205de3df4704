import { describe, expect, it } from 'vitest';
import { compileQuery, matchingLines, matchRanges, type Query } from './logsearch';
import { bytesOf } from './testing/logs';

function re(text: string, options: Partial<Query> = {}): RegExp {
  const compiled = compileQuery({ text, regex: true, matchCase: false, ...options });
  if ('error' in compiled) throw new Error(compiled.error);
  return compiled.re;
}

function search(lines: string[], expression: RegExp): number[] {
  const starts: number[] = [];
  let at = 0;
  for (const line of lines) {
    starts.push(at);
    at += bytesOf(line).length + 1;
  }
  return matchingLines(
    bytesOf(lines.map((l) => `${l}\n`).join('')),
    Uint32Array.from(starts),
    lines.length,
    expression,
  );
}

const lines = ['', 'GET /a 200', 'get /b 500', 'héllo wörld', 'last \u001b[31mred\u001b[0m end', ''];

describe('matchingLines', () => {
  it.each<[string, Partial<Query>, number[]]>([
    ['get', {}, [1, 2]],
    ['get', { matchCase: true }, [2]],
    ['^GET', { matchCase: true }, [1]],
    ['00$', {}, [1, 2]],
    ['wörld', {}, [3]],
    ['red end', {}, [4]],
    ['^$', {}, [0, 5]],
    ['.*', {}, [0, 1, 2, 3, 4, 5]],
    ['[^x]*', {}, [0, 1, 2, 3, 4, 5]],
    ['a\\s', {}, [1]],
    ['200\\s', {}, []],
    ['200\\n', {}, []],
    ['0[^z]*g', {}, []],
    ['/a|/b', {}, [1, 2]],
    ['nothing', {}, []],
    ['[*', { regex: false }, []],
    ['/a 2', { regex: false }, [1]],
  ])('%j %j', (text, options, expected) => {
    expect(search(lines, re(text, options))).toEqual(expected);
  });

  it('agrees with a search line by line', () => {
    const many = Array.from({ length: 2000 }, (_, i) => `${i % 7 ? '' : 'é'}${i} status=${200 + (i % 13)}`);
    const expression = re('status=20[3-5]$');
    const simple = many.flatMap((line, i) => (line.match(/status=20[3-5]$/) ? [i] : []));
    expect(search(many, expression)).toEqual(simple);
  });

  it('searches nothing in nothing', () => {
    expect(matchingLines(new Uint8Array(0), new Uint32Array(0), 0, re('.*'))).toEqual([]);
  });
});

describe('compileQuery', () => {
  it('explains what is wrong', () => {
    expect(compileQuery({ text: '(', regex: true, matchCase: false })).toEqual({
      error: 'Unterminated group',
    });
  });
});

describe('matchRanges', () => {
  it('finds every place once', () => {
    expect(matchRanges('abcABC', re('b'))).toEqual([1, 2, 4, 5]);
    expect(matchRanges('abc', re('x*'))).toEqual([]);
    expect(matchRanges('aaaa', re('a'), 2)).toHaveLength(4);
  });
});
