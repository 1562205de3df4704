/** Lines that are JSON: a message with its fields in one line, and the whole object spread over several. */

export interface JsonLine {
  /** What the program says: `msg`, `message`, `event`; empty if it has none of them. */
  readonly message: string;
  /** The other fields, without the time and the level, which have columns of their own. */
  readonly fields: ReadonlyArray<readonly [name: string, value: string]>;
  readonly value: unknown;
}

/** A run of pretty-printed JSON; `cls` is a key (jk), string (js), number (jn), true/false/null (jb) or none. */
export interface Token {
  readonly text: string;
  readonly cls: string;
}

const LONGEST = 64 << 10;
const MESSAGES = ['msg', 'message', 'event', '@m', '@mt', 'short_message'];
const COLUMNS = new Set([
  'level',
  'lvl',
  'severity',
  'loglevel',
  'levelname',
  'time',
  'ts',
  'timestamp',
  '@timestamp',
  '@t',
  '@l',
  't',
]);
const DEEPEST = 16;
const MOST_TOKENS = 2000;

/** Null unless the line is a JSON object of a size that is worth it. */
export function readJsonLine(text: string): JsonLine | null {
  if (!looksLikeJson(text)) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const key = MESSAGES.find((name) => typeof (value as Record<string, unknown>)[name] === 'string');
  return {
    message: key === undefined ? '' : String((value as Record<string, unknown>)[key]),
    fields: entries
      .filter(([name]) => name !== key && !COLUMNS.has(name))
      .map(([name, field]) => [name, short(field)]),
    value,
  };
}

/** A cheap test before parsing. */
export function looksLikeJson(text: string): boolean {
  if (text.length > LONGEST || !text.startsWith('{')) return false;
  return text.trimEnd().endsWith('}');
}

function short(value: unknown): string {
  return typeof value === 'string'
    ? /[\s"=]/.test(value) || value === ''
      ? JSON.stringify(value)
      : value
    : JSON.stringify(value);
}

/** The value over several lines, two blanks per level. Too deep or too much is cut with an ellipsis. */
export function prettyJson(value: unknown): Token[] {
  const tokens: Token[] = [];
  write(value, '', tokens);
  return tokens;
}

function write(value: unknown, indent: string, out: Token[]): void {
  if (out.length > MOST_TOKENS || indent.length > 2 * DEEPEST) {
    out.push({ text: '…', cls: '' });
  } else if (Array.isArray(value)) {
    writeItems(
      value.map((item) => [null, item]),
      '[',
      ']',
      indent,
      out,
    );
  } else if (typeof value === 'object' && value !== null) {
    writeItems(Object.entries(value), '{', '}', indent, out);
  } else {
    const cls = typeof value === 'string' ? 'js' : typeof value === 'number' ? 'jn' : 'jb';
    out.push({ text: JSON.stringify(value), cls });
  }
}

function writeItems(
  items: ReadonlyArray<readonly [string | null, unknown]>,
  open: string,
  close: string,
  indent: string,
  out: Token[],
): void {
  if (items.length === 0) {
    out.push({ text: open + close, cls: '' });
    return;
  }
  const inner = `${indent}  `;
  out.push({ text: `${open}\n`, cls: '' });
  for (const [i, [key, item]] of items.entries()) {
    out.push({ text: inner, cls: '' });
    if (key !== null) out.push({ text: JSON.stringify(key), cls: 'jk' }, { text: ': ', cls: '' });
    write(item, inner, out);
    out.push({ text: i + 1 < items.length ? ',\n' : '\n', cls: '' });
    if (out.length > MOST_TOKENS) break;
  }
  out.push({ text: indent + close, cls: '' });
}
