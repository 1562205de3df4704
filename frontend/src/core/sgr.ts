/**
 * Colours and links in a line of text: SGR sequences become classes, OSC 8 becomes a link if it leads to http(s),
 * everything else that a terminal would act upon is dropped or shown as a harmless sign. Text stays text.
 */

/** A run of text that looks the same. Classes for the 16 colours, `fg`/`bg` for the others. */
export interface Segment {
  readonly text: string;
  readonly cls: string;
  readonly fg?: string;
  readonly bg?: string;
  readonly href?: string;
}

const ESC = String.raw`\u001b`;
/** An operating system command and its like end with BEL or ESC backslash; a line feed is never a part of one. */
const STRING = String.raw`[^\u0007\u001b\n]*`;
const END = String.raw`(?:\u0007|\u001b\\)`;
const SEQUENCE = new RegExp(
  [
    String.raw`${ESC}\[([0-9;:]*)m`,
    String.raw`${ESC}\]8;[^;\u0007\u001b\n]*;(${STRING})${END}`,
    String.raw`${ESC}\[[0-?]*[ -/]*[@-~]`,
    String.raw`${ESC}[\]PX^_]${STRING}${END}?`,
    String.raw`${ESC}[ -/]*[0-Z\\^-~]`,
  ].join('|'),
  'g',
);
/** C0 without the tab, DEL, C1, marks of direction, byte order mark. */
const CONTROLS = [
  String.raw`\u0000-\u0008\u000a-\u001f\u007f-\u009f`,
  String.raw`\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff`,
];
const CONTROL = new RegExp(`[${CONTROLS.join('')}]`, 'g');

const DELETE = 0x7f;
const PICTURES = 0x2400;

function sign(character: string): string {
  const code = character.charCodeAt(0);
  if (code < 32) return String.fromCharCode(PICTURES + code);
  return code === DELETE ? '\u2421' : '\ufffd';
}

/** Text without escape sequences, as it is searched and copied. Line feeds stay. */
export function strip(text: string): string {
  return text.includes('\x1b') ? text.replace(SEQUENCE, '') : text;
}

/** Control characters and marks that turn the direction of writing become visible signs. */
export function inert(text: string): string {
  return text.replace(CONTROL, sign);
}

interface Colour {
  cls: string;
  css: string | undefined;
}

const PLAIN: Colour = { cls: '', css: undefined };

/** SGR parameters that switch one property: on, and off. */
const FLAGS: Readonly<Record<number, readonly [string, boolean]>> = {
  1: ['fb', true],
  2: ['fd', true],
  3: ['fi', true],
  4: ['fu', true],
  7: ['fv', true],
  9: ['fs', true],
  23: ['fi', false],
  24: ['fu', false],
  27: ['fv', false],
  29: ['fs', false],
};

class Style {
  #flags = new Set<string>();
  #fg = PLAIN;
  #bg = PLAIN;

  segment(text: string, href: string | undefined): Segment {
    const cls = [...this.#flags, this.#fg.cls, this.#bg.cls].filter(Boolean).join(' ');
    return {
      text,
      cls,
      ...(this.#fg.css && { fg: this.#fg.css }),
      ...(this.#bg.css && { bg: this.#bg.css }),
      ...(href && { href }),
    };
  }

  apply(parameters: string): void {
    const codes = parameters === '' ? [0] : parameters.split(/[;:]/, 32).map(Number);
    for (let i = 0; i < codes.length; i++) {
      const code = codes[i] as number;
      if (code === 38 || code === 48) i += this.#extended(code, codes, i);
      else this.#simple(code);
    }
  }

  #simple(code: number): void {
    const flag = FLAGS[code];
    if (flag) {
      if (flag[1]) this.#flags.add(flag[0]);
      else this.#flags.delete(flag[0]);
    } else if (code === 0) this.#reset();
    else if (code === 22) {
      this.#flags.delete('fb');
      this.#flags.delete('fd');
    } else if (code === 39) this.#fg = PLAIN;
    else if (code === 49) this.#bg = PLAIN;
    else if (code >= 30 && code <= 37) this.#fg = named('f', code - 30);
    else if (code >= 90 && code <= 97) this.#fg = named('f', code - 82);
    else if (code >= 40 && code <= 47) this.#bg = named('g', code - 40);
    else if (code >= 100 && code <= 107) this.#bg = named('g', code - 92);
  }

  /** `38;5;n` and `38;2;r;g;b`; returns how many further parameters belong to it. */
  #extended(code: number, codes: readonly number[], i: number): number {
    const prefix = code === 38 ? 'f' : 'g';
    const kind = codes[i + 1];
    let colour = PLAIN;
    if (kind === 5) colour = palette(prefix, codes[i + 2] ?? 0);
    else if (kind === 2) colour = { cls: '', css: rgb(codes[i + 2], codes[i + 3], codes[i + 4]) };
    if (code === 38) this.#fg = colour;
    else this.#bg = colour;
    return kind === 5 ? 2 : kind === 2 ? 4 : 0;
  }

  #reset(): void {
    this.#flags.clear();
    this.#fg = this.#bg = PLAIN;
  }
}

function named(prefix: string, n: number): Colour {
  return { cls: `${prefix}${n}`, css: undefined };
}

function rgb(...parts: ReadonlyArray<number | undefined>): string {
  return `rgb(${parts.map((part) => Math.min(255, Math.max(0, Math.trunc(part ?? 0) || 0))).join(',')})`;
}

/** xterm's 256 colours: 16 named ones, a cube of six steps, 24 greys. */
function palette(prefix: string, n: number): Colour {
  if (!(n >= 16)) return named(prefix, Math.max(0, Math.trunc(n) || 0));
  if (n >= 232) {
    const grey = (Math.min(n, 255) - 232) * 10 + 8;
    return { cls: '', css: rgb(grey, grey, grey) };
  }
  const step = (divisor: number) => {
    const value = Math.trunc((n - 16) / divisor) % 6;
    return value ? value * 40 + 55 : 0;
  };
  return { cls: '', css: rgb(step(36), step(6), step(1)) };
}

const LINK = /^https?:\/\/[^\s]+$/i;

/** The segments of a line; their texts joined are `inert(strip(line))`. */
export function parse(line: string): Segment[] {
  if (!line.includes('\x1b')) return [{ text: inert(line), cls: '' }];
  const segments: Segment[] = [];
  const style = new Style();
  let href: string | undefined;
  let last = 0;
  const flush = (end: number) => {
    if (end > last) segments.push(style.segment(inert(line.slice(last, end)), href));
  };
  for (const match of line.matchAll(SEQUENCE)) {
    flush(match.index);
    last = match.index + match[0].length;
    if (match[1] !== undefined) style.apply(match[1]);
    else if (match[2] !== undefined) href = LINK.test(match[2]) ? match[2] : undefined;
  }
  flush(line.length);
  return segments;
}
