import { describe, expect, it } from 'vitest';
import { prettyJson, readJsonLine } from './logjson';

describe('readJsonLine', () => {
  it('separates the message from the fields and leaves out what has a column', () => {
    const line = readJsonLine(
      '{"level":"info","time":1,"msg":"order placed","id":7,"who":"a b","tags":["x"],"ok":true}',
    );
    expect(line?.message).toBe('order placed');
    expect(line?.fields).toEqual([
      ['id', '7'],
      ['who', '"a b"'],
      ['tags', '["x"]'],
      ['ok', 'true'],
    ]);
  });

  it.each(['', 'text', '[1,2]', '{', '{}x', '{"a":}', '"x"', `{"a":"${'x'.repeat(70_000)}"}`])(
    'leaves %.20j alone',
    (text) => expect(readJsonLine(text)).toBeNull(),
  );

  it('takes names for names', () => {
    const line = readJsonLine('{"__proto__":{"msg":"x"},"constructor":1}');
    expect(line?.message).toBe('');
    expect(line?.fields.map(([name]) => name)).toEqual(['__proto__', 'constructor']);
  });
});

describe('prettyJson', () => {
  it('writes what JSON.stringify writes, coloured', () => {
    const value = {
      event: 'order.placed',
      total: { amount: 129.9, list: [1, 'two', null, [], {}] },
      express: false,
    };
    const tokens = prettyJson(value);
    expect(tokens.map((token) => token.text).join('')).toBe(JSON.stringify(value, null, 2));
    expect(tokens.find((token) => token.text === '"event"')?.cls).toBe('jk');
    expect(tokens.find((token) => token.text === '129.9')?.cls).toBe('jn');
    expect(tokens.find((token) => token.text === 'null')?.cls).toBe('jb');
  });

  it('stops at depth and size', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`);
    expect(
      prettyJson(deep)
        .map((token) => token.text)
        .join(''),
    ).toContain('…');
    expect(prettyJson(Array.from({ length: 50_000 }, (_, i) => i)).length).toBeLessThan(2100);
  });
});
