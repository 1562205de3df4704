/**
 * The level of a log line, guessed from its first bytes the way people write levels:
 *
 *   {"level":"error",…}  {"severity":30}     JSON (bunyan and pino numbers too)
 *   level=warn  lvl=eror                      logfmt
 *   E1124 13:40:11.000001                     klog
 *   2026-11-24 [INFO]  <4>  warning: …        words near the start
 *
 * It runs for every line that arrives, on bytes: decoding text for it would cost more than all the rest.
 */

export const NONE = 0;
export const DEBUG = 1;
export const INFO = 2;
export const WARN = 3;
export const ERROR = 4;
export type Level = 0 | 1 | 2 | 3 | 4;

export const LEVEL_NAMES = ['', 'debug', 'info', 'warn', 'error'] as const;

const WORDS: Readonly<Record<string, Level>> = {
  trace: DEBUG,
  trc: DEBUG,
  verbose: DEBUG,
  debug: DEBUG,
  debg: DEBUG,
  dbug: DEBUG,
  dbg: DEBUG,
  fine: DEBUG,
  info: INFO,
  inf: INFO,
  information: INFO,
  notice: INFO,
  log: INFO,
  warn: WARN,
  wrn: WARN,
  warning: WARN,
  error: ERROR,
  eror: ERROR,
  err: ERROR,
  severe: ERROR,
  fatal: ERROR,
  ftl: ERROR,
  critical: ERROR,
  crit: ERROR,
  panic: ERROR,
  alert: ERROR,
  emerg: ERROR,
};

/** A level is looked for in this many bytes: after them comes the message, where words mean what they say. */
const WORD_REACH = 110;
const PAIR_REACH = 400;
const JSON_REACH = 4096;
const LONGEST = 11;

const SPACE = 32;
const QUOTE = 34;
const COLON = 58;
const EQUALS = 61;
const OPEN_BRACE = 123;
const ESCAPE = 27;

/** The level of `data[start, end)`, NONE when nothing says. */
export function levelOf(data: Uint8Array, start: number, end: number): Level {
  const first = data[start] as number;
  if (first === OPEN_BRACE) {
    const level = jsonLevel(data, start, Math.min(end, start + JSON_REACH));
    if (level !== NONE) return level;
  }
  return (
    prefixLevel(data, start, end) ||
    wordLevel(data, start, Math.min(end, start + WORD_REACH)) ||
    pairLevel(data, start, end)
  );
}

/** Where the message begins behind the details, which end at the first blank. */
export function afterDetails(data: Uint8Array, start: number, end: number): number {
  const blank = find(data, SPACE, start, end);
  return blank < 0 ? start : blank + 1;
}

/** Whether a line continues the one before it: a stack trace, an indented dump. */
export function continuesPrevious(data: Uint8Array, start: number, end: number): boolean {
  const first = data[start];
  if (start >= end) return false;
  return (
    first === 9 || (first === SPACE && data[start + 1] === SPACE) || startsWith(data, start, end, CAUSED)
  );
}

const CAUSED = new TextEncoder().encode('Caused by:');
const TRACEBACK = new TextEncoder().encode('Traceback (');
const LEVEL_PAIRS = ['level=', 'lvl=', 'severity='].map((word) => new TextEncoder().encode(word));
const LEVEL_KEYS = new Set([
  'level',
  'lvl',
  'severity',
  'loglevel',
  'log.level',
  '@l',
  'levelname',
  'log_level',
  's',
]);

function startsWith(data: Uint8Array, at: number, end: number, what: Uint8Array): boolean {
  if (end - at < what.length) return false;
  for (let i = 0; i < what.length; i++) if (data[at + i] !== what[i]) return false;
  return true;
}

/** `indexOf` that stops at `end`: the buffer goes on with other lines. */
function find(data: Uint8Array, byte: number, from: number, end: number): number {
  for (let i = from; i < end; i++) if (data[i] === byte) return i;
  return -1;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}

/** klog's `E1124 `, syslog's `<3>`, Python's traceback. */
function prefixLevel(data: Uint8Array, start: number, end: number): Level {
  const first = data[start] as number;
  if (isDigit(data[start + 1]) && end - start > 6) {
    if (first === 60) return syslogLevel(data, start + 1);
    const klog = KLOG[first];
    if (
      klog !== undefined &&
      isDigit(data[start + 2]) &&
      isDigit(data[start + 4]) &&
      data[start + 5] === SPACE
    )
      return klog;
  }
  return startsWith(data, start, end, TRACEBACK) ? ERROR : NONE;
}

const KLOG: Readonly<Record<number, Level>> = { 73: INFO, 87: WARN, 69: ERROR, 70: ERROR };

function syslogLevel(data: Uint8Array, at: number): Level {
  let priority = 0;
  let i = at;
  for (; isDigit(data[i]) && i < at + 3; i++) priority = priority * 10 + (data[i] as number) - 48;
  if (data[i] !== 62) return NONE;
  const severity = priority & 7;
  return severity <= 3 ? ERROR : severity === 4 ? WARN : severity <= 6 ? INFO : DEBUG;
}

/** Lower-case letter for an ASCII letter, 0 for anything else. */
const LETTER = new Uint8Array(256);
for (let i = 97; i <= 122; i++) {
  LETTER[i] = i;
  LETTER[i - 32] = i;
}

/** The level named by the letters `data[at, end)`, whatever their case. */
function namedLevel(data: Uint8Array, at: number, end: number): Level {
  let word = '';
  for (let i = at; i < end; i++) word += String.fromCharCode(LETTER[data[i] as number] as number);
  return Object.hasOwn(WORDS, word) ? (WORDS[word] as Level) : NONE;
}

/**
 * A level's name as a word of its own. In capitals it counts anywhere near the start; otherwise it must look like
 * a label, `[error]`, `warn:` or `|info|`, since sentences speak of errors too.
 */
function wordLevel(data: Uint8Array, start: number, end: number): Level {
  let at = start;
  while (at < end) {
    const byte = data[at] as number;
    if (byte === ESCAPE) {
      at = afterEscape(data, at, end);
      continue;
    }
    if (LETTER[byte] === 0) {
      at++;
      continue;
    }
    let stop = at + 1;
    while (stop < end && LETTER[data[stop] as number] !== 0) stop++;
    if (stop - at >= 3 && stop - at <= LONGEST && standsAlone(data, start, at, stop)) {
      const level = namedLevel(data, at, stop);
      if (level !== NONE && (isCapital(data, at, stop) || isLabel(data, start, at, stop))) return level;
    }
    at = stop;
  }
  return NONE;
}

/** Behind an escape sequence `ESC [ … letter`: colours stand around levels. */
function afterEscape(data: Uint8Array, at: number, end: number): number {
  if (data[at + 1] !== 91) return at + 1;
  let i = at + 2;
  while (i < end && (data[i] as number) < 64) i++;
  return i + 1;
}

/** Not a part of a longer name such as `error_log`, `/var/log` or `my-error`. */
function standsAlone(data: Uint8Array, start: number, at: number, stop: number): boolean {
  const before = at > start ? (data[at - 1] as number) : SPACE;
  const after = data[stop];
  return (
    !JOINS[before] && !(after !== undefined && JOINS[after] && !(after === 46 && data[stop + 1] === SPACE))
  );
}

const JOINS = new Uint8Array(256);
for (const character of '_-./\\@%0123456789') JOINS[character.charCodeAt(0)] = 1;

function isCapital(data: Uint8Array, at: number, stop: number): boolean {
  for (let i = at; i < stop; i++) if ((data[i] as number) > 90) return false;
  return true;
}

const CLOSES = new Set([...']|):>'].map((c) => c.charCodeAt(0)).concat(9, ESCAPE));
const OPENS = new Set([...'[|(<'].map((c) => c.charCodeAt(0)).concat(9, 109));

/** `[error]`, `<info>`, `|warn|`, `warning:`; `log` alone is no label outside capitals. */
function isLabel(data: Uint8Array, start: number, at: number, stop: number): boolean {
  if (stop - at === 3 && LETTER[data[at] as number] === 108) return false;
  const after = data[stop] as number;
  if (after === COLON) return at === start || at - start < 48;
  const before = at > start ? (data[at - 1] as number) : SPACE;
  return CLOSES.has(after) && OPENS.has(before);
}

/** `level=warn` or `level="warn"` anywhere in the first few hundred bytes. */
function pairLevel(data: Uint8Array, start: number, end: number): Level {
  const reach = Math.min(end, start + PAIR_REACH);
  for (let at = find(data, EQUALS, start, reach); at >= 0; at = find(data, EQUALS, at + 1, reach)) {
    for (const pair of LEVEL_PAIRS) {
      const from = at + 1 - pair.length;
      if (from < start || !startsWith(data, from, end, pair)) continue;
      if (from > start && LETTER[data[from - 1] as number] !== 0) continue;
      const value = data[at + 1] === QUOTE ? at + 2 : at + 1;
      return namedLevel(data, value, wordEnd(data, value, end));
    }
  }
  return NONE;
}

function wordEnd(data: Uint8Array, at: number, end: number): number {
  let stop = at;
  while (stop < end && stop - at <= LONGEST && LETTER[data[stop] as number] !== 0) stop++;
  return stop;
}

/** Looks for a level key among the strings of a JSON line, without parsing it. */
function jsonLevel(data: Uint8Array, start: number, end: number): Level {
  let at = find(data, QUOTE, start, end);
  while (at >= 0) {
    const close = closingQuote(data, at + 1, end);
    if (close < 0) return NONE;
    let next = close + 1;
    while (data[next] === SPACE) next++;
    if (data[next] === COLON && close - at <= 10) {
      next++;
      while (data[next] === SPACE) next++;
      if (LEVEL_KEYS.has(ascii(data, at + 1, close))) return jsonValue(data, next, end);
    }
    at = find(data, QUOTE, close + 1, end);
  }
  return NONE;
}

function closingQuote(data: Uint8Array, at: number, end: number): number {
  for (let close = find(data, QUOTE, at, end); close >= 0; close = find(data, QUOTE, close + 1, end)) {
    let slashes = 0;
    while (data[close - 1 - slashes] === 92) slashes++;
    if (slashes % 2 === 0) return close;
  }
  return -1;
}

function ascii(data: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let i = start; i < end; i++) text += String.fromCharCode(data[i] as number);
  return text.toLowerCase();
}

/** A level's name, or bunyan's and pino's number: 10 trace to 60 fatal. */
function jsonValue(data: Uint8Array, at: number, end: number): Level {
  if (data[at] === QUOTE) {
    const stop = wordEnd(data, at + 1, end);
    if (stop - at > 2) return namedLevel(data, at + 1, stop);
    return stop - at === 2 ? (INITIALS[LETTER[data[at + 1] as number] as number] ?? NONE) : NONE;
  }
  if (!isDigit(data[at]) || !isDigit(data[at + 1]) || isDigit(data[at + 2])) return NONE;
  const tens = (data[at] as number) - 48;
  return tens >= 5 ? ERROR : tens === 4 ? WARN : tens === 3 ? INFO : DEBUG;
}

/** MongoDB's one-letter severities. */
const INITIALS: Readonly<Record<number, Level>> = {
  105: INFO,
  119: WARN,
  101: ERROR,
  102: ERROR,
  100: DEBUG,
};
