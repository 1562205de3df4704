import { describe, expect, it } from 'vitest';
import { inert, parse, strip } from './sgr';

const E = '\u001b';

describe('parse', () => {
  it('leaves plain text alone', () => {
    expect(parse('plain\ttext €')).toEqual([{ text: 'plain\ttext €', cls: '' }]);
  });

  it('reads colours and weights', () => {
    expect(parse(`${E}[1;31merror${E}[0m: ${E}[90mdim${E}[39m ${E}[44mblue${E}[m`)).toEqual([
      { text: 'error', cls: 'fb f1' },
      { text: ': ', cls: '' },
      { text: 'dim', cls: 'f8' },
      { text: ' ', cls: '' },
      { text: 'blue', cls: 'g4' },
    ]);
  });

  it('reads 256 and true colours', () => {
    expect(parse(`${E}[38;5;9ma${E}[38;5;196mb${E}[48;5;240mc${E}[38;2;1;2;300md`)).toEqual([
      { text: 'a', cls: 'f9' },
      { text: 'b', cls: '', fg: 'rgb(255,0,0)' },
      { text: 'c', cls: '', fg: 'rgb(255,0,0)', bg: 'rgb(88,88,88)' },
      { text: 'd', cls: '', fg: 'rgb(1,2,255)', bg: 'rgb(88,88,88)' },
    ]);
  });

  it('survives nonsense parameters', () => {
    expect(parse(`${E}[38;5mx${E}[38;2;;;my${E}[;;;999;1mz`).map((s) => s.text)).toEqual(['x', 'y', 'z']);
    expect(
      parse(`${E}[38;5;-1mx`)
        .map((s) => s.text)
        .join(''),
    ).toContain('x');
  });

  it('makes links to http(s) only', () => {
    const link = (url: string) => parse(`${E}]8;;${url}${E}\\label${E}]8;;${E}\\ rest`);
    expect(link('https://example.org/a')).toEqual([
      { text: 'label', cls: '', href: 'https://example.org/a' },
      { text: ' rest', cls: '' },
    ]);
    for (const url of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', ' https://x y']) {
      expect(link(url).some((segment) => segment.href)).toBe(false);
    }
  });

  it('drops what a terminal would obey', () => {
    const attacks = [
      `${E}]0;title\u0007`,
      `${E}]52;c;aGk=\u0007`,
      `${E}[2J`,
      `${E}[10A`,
      `${E}P1$r0m${E}\\`,
      `${E}c`,
      `${E}(B`,
      `${E}[?1049h`,
    ];
    for (const attack of attacks)
      expect(
        parse(`a${attack}b`)
          .map((s) => s.text)
          .join(''),
      ).toBe('ab');
  });

  it('shows an unfinished sequence rather than hiding what follows for ever', () => {
    expect(
      parse(`a${E}`)
        .map((s) => s.text)
        .join(''),
    ).toBe('a␛');
  });
});

describe('inert', () => {
  it('shows control characters as signs', () => {
    expect(inert('a\u0000b\rc\u007f\u0085')).toBe('a␀b␍c␡\ufffd');
    expect(inert('user\u202etxt.exe')).toBe('user\ufffdtxt.exe');
    expect(inert('tab\tstays')).toBe('tab\tstays');
  });
});

describe('strip', () => {
  it('agrees with parse about what is text', () => {
    const line = `${E}[1mx${E}[0m ${E}]8;;https://e.org${E}\\y${E}]8;;${E}\\ z`;
    expect(strip(line)).toBe('x y z');
    expect(
      parse(line)
        .map((s) => s.text)
        .join(''),
    ).toBe(strip(line));
  });

  it('never takes a line feed', () => {
    expect(strip(`a${E}]0;open\nb${E}[31m\nc`)).toBe('a\nb\nc');
  });
});
