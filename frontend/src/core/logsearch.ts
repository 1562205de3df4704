/** Finding lines: from what the user typed to a regular expression, and from that to the lines of a chunk. */
import { strip } from './sgr';

export interface Query {
  readonly text: string;
  readonly regex: boolean;
  readonly matchCase: boolean;
}

/** A query ready to run, or why it cannot. */
export type Compiled = { readonly re: RegExp } | { readonly error: string };

/** The expression for a query, with the flags `g` and `m`; no `u`, which would refuse much of what people type. */
export function compileQuery(query: Query): Compiled {
  const source = query.regex ? query.text : query.text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const unicode = query.regex && /\\p\{|\\u\{/i.test(source) ? 'u' : '';
  try {
    return { re: new RegExp(source, `gm${query.matchCase ? '' : 'i'}${unicode}`) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: reason.replace(/^Invalid regular expression: /, '').replace(/^\/.*\/[a-z]*: /s, '') };
  }
}

const decoder = new TextDecoder();
const ESCAPE = 27;

/** Constructs that can match a line feed: with them a match might begin in one line and end in another. */
const CROSSES_LINES = /\\[sWDncxuPp]|\[\^|\\[tbrvf]-|\(\?[a-z]*s/;

/**
 * Which of `count` lines match: their places, rising. `starts` holds the offset of each line in `text`, where every
 * line ends with a line feed.
 *
 * The chunk is searched as one string, several times faster than line by line.
 */
export function matchingLines(text: Uint8Array, starts: Uint32Array, count: number, re: RegExp): number[] {
  let decoded = decoder.decode(text);
  let places: ArrayLike<number> = starts;
  const plain = !text.includes(ESCAPE);
  if (!plain) decoded = strip(decoded);
  if (!plain || decoded.length !== text.length) places = lineStarts(decoded, count);
  return CROSSES_LINES.test(re.source)
    ? lineByLine(decoded, places, count, re)
    : allAtOnce(decoded, places, count, re);
}

function lineStarts(text: string, count: number): number[] {
  const starts = new Array<number>(count);
  let at = 0;
  for (let i = 0; i < count; i++) {
    starts[i] = at;
    at = text.indexOf('\n', at) + 1 || text.length;
  }
  return starts;
}

function allAtOnce(text: string, starts: ArrayLike<number>, count: number, re: RegExp): number[] {
  const found: number[] = [];
  let line = 0;
  re.lastIndex = 0;
  for (let match = re.exec(text); match !== null && line < count; match = re.exec(text)) {
    while (line + 1 < count && (starts[line + 1] as number) <= match.index) line++;
    if (match.index >= text.length) break;
    found.push(line);
    if (++line < count) re.lastIndex = starts[line] as number;
  }
  return found;
}

function lineByLine(text: string, starts: ArrayLike<number>, count: number, re: RegExp): number[] {
  const found: number[] = [];
  for (let i = 0; i < count; i++) {
    const end = (i + 1 < count ? (starts[i + 1] as number) : text.length) - 1;
    re.lastIndex = 0;
    if (re.test(text.slice(starts[i], end))) found.push(i);
  }
  return found;
}

/** Where the query matches in a text that is on screen, `[start, end)` pairs in one flat list; empty matches not. */
export function matchRanges(text: string, re: RegExp, most = 200): number[] {
  const ranges: number[] = [];
  re.lastIndex = 0;
  for (let match = re.exec(text); match !== null && ranges.length < 2 * most; match = re.exec(text)) {
    if (match[0] === '') re.lastIndex++;
    else ranges.push(match.index, match.index + match[0].length);
  }
  return ranges;
}
