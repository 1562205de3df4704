/** How a log view is set up: what it asks for and how it shows it; kept in the page's address. */
import type { LogOptions } from './logprotocol';
import { fromMillis, type Instant, instantText, parseInstant, toMillis } from './logtime';

export const TIMES = ['off', 'time', 'full', 'utc'] as const;
export type Times = (typeof TIMES)[number];

export interface LogSettings {
  readonly query: string;
  readonly regex: boolean;
  readonly matchCase: boolean;
  /** Show only lines that match, with this many around each. */
  readonly onlyMatches: boolean;
  readonly context: number;
  /** 0 all lines; 1 debug and above … 4 errors. */
  readonly level: number;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly details: boolean;
  /** A span before now such as `30m`, or empty. */
  readonly last: string;
  /** Bounds as instants in text, or empty. */
  readonly since: string;
  readonly until: string;
  readonly tail: number | 'all';
  /** The line that is linked to: `instant:ordinal`, or empty. */
  readonly line: string;
  readonly times: Times;
  readonly wrap: boolean;
  readonly expand: boolean;
}

export const DEFAULTS: LogSettings = {
  query: '',
  regex: false,
  matchCase: false,
  onlyMatches: false,
  context: 0,
  level: 0,
  stdout: true,
  stderr: true,
  details: false,
  last: '',
  since: '',
  until: '',
  tail: 1000,
  line: '',
  times: 'time',
  wrap: true,
  expand: false,
};

export const MOST_CONTEXT = 50;

/** Spans that the range menu offers. */
export const SPANS = [
  { value: '15m', label: 'Last 15 min' },
  { value: '30m', label: 'Last 30 min' },
  { value: '1h', label: 'Last hour' },
  { value: '6h', label: 'Last 6 hours' },
  { value: '24h', label: 'Last 24 hours' },
  { value: '7d', label: 'Last 7 days' },
] as const;

const LEVELS = ['all', 'debug', 'info', 'warn', 'error'];
const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** `90m` in milliseconds; null for what is no span. */
export function spanMillis(span: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(span);
  return match ? Number(match[1]) * (UNITS[match[2] as string] as number) * 1000 : null;
}

/** What the address says, over `base` (the viewer's own habits). Nonsense is left out. */
export function readSettings(parameters: URLSearchParams, base: LogSettings = DEFAULTS): LogSettings {
  const flag = (name: string, otherwise: boolean) => {
    const value = parameters.get(name);
    return value === null ? otherwise : value === '1' || value === 'true';
  };
  const instant = (name: string) => {
    const value = parameters.get(name) ?? '';
    return parseInstant(value) ? value : isoInstant(value);
  };
  const times = parameters.get('times') as Times;
  const last = parameters.get('last') ?? '';
  return {
    query: (parameters.get('q') ?? '').slice(0, 1000),
    regex: flag('regex', base.regex),
    matchCase: flag('case', base.matchCase),
    onlyMatches: flag('only', base.onlyMatches),
    context: count(parameters.get('context'), MOST_CONTEXT) ?? base.context,
    level: Math.max(0, LEVELS.indexOf(parameters.get('level') ?? 'all')),
    stdout: flag('stdout', base.stdout),
    stderr: flag('stderr', base.stderr),
    details: flag('details', base.details),
    last: spanMillis(last) === null ? '' : last,
    since: instant('since'),
    until: instant('until'),
    tail: parameters.get('tail') === 'all' ? 'all' : (count(parameters.get('tail'), 1e8) ?? base.tail),
    line: readLine(parameters.get('line') ?? '') ? (parameters.get('line') as string) : '',
    times: TIMES.includes(times) ? times : base.times,
    wrap: flag('wrap', base.wrap),
    expand: flag('expand', base.expand),
  };
}

/** Writes what differs from the defaults; other parameters stay. */
export function writeSettings(settings: LogSettings, parameters: URLSearchParams): URLSearchParams {
  const out = new URLSearchParams(parameters);
  const put = (name: string, value: string, standard: string) => {
    if (value === standard) out.delete(name);
    else out.set(name, value);
  };
  const flag = (name: string, value: boolean, standard: boolean) =>
    put(name, value ? '1' : '0', standard ? '1' : '0');
  put('q', settings.query, '');
  flag('regex', settings.regex, DEFAULTS.regex);
  flag('case', settings.matchCase, DEFAULTS.matchCase);
  flag('only', settings.onlyMatches, DEFAULTS.onlyMatches);
  put('context', String(settings.context), '0');
  put('level', LEVELS[settings.level] as string, 'all');
  flag('stdout', settings.stdout, true);
  flag('stderr', settings.stderr, true);
  flag('details', settings.details, false);
  put('last', settings.last, '');
  put('since', settings.since, '');
  put('until', settings.until, '');
  put('tail', String(settings.tail), String(DEFAULTS.tail));
  put('line', settings.line, '');
  return out;
}

/** What to ask the server for, `now` in milliseconds. */
export function optionsOf(settings: LogSettings, now: number): LogOptions {
  const span = spanMillis(settings.last);
  const line = readLine(settings.line);
  return {
    stdout: settings.stdout || !settings.stderr,
    stderr: settings.stderr,
    details: settings.details,
    since: span === null ? settings.since || null : instantText(fromMillis(now - span)),
    until: settings.until || null,
    tail: settings.tail,
    at: line ? instantText(line.time) : null,
  };
}

/** Whether two settings need different lines from the server. */
export function needsReload(a: LogSettings, b: LogSettings): boolean {
  const keys = ['stdout', 'stderr', 'details', 'last', 'since', 'until', 'tail'] as const;
  return keys.some((key) => a[key] !== b[key]);
}

export interface LinePlace {
  readonly time: Instant;
  readonly ordinal: number;
}

/** `1764000000.123456789:2`: the third line of that nanosecond. */
export function readLine(text: string): LinePlace | null {
  const [instant = '', ordinal = '0'] = text.split(':');
  const time = parseInstant(instant);
  const place = count(ordinal, 1e6);
  return time === null || place === null ? null : { time, ordinal: place };
}

export function lineText(place: LinePlace): string {
  return `${instantText(place.time)}:${place.ordinal}`;
}

/** The range in words, for the button that opens its menu. Times in the viewer's zone. */
export function rangeLabel(settings: LogSettings, format: (ms: number) => string): string {
  const preset = SPANS.find((span) => span.value === settings.last);
  if (preset) return preset.label;
  if (settings.last) return `Last ${settings.last}`;
  const words = (text: string) => format(toMillis(parseInstant(text) as Instant));
  if (settings.since && settings.until) return `${words(settings.since)} – ${words(settings.until)}`;
  if (settings.since) return `Since ${words(settings.since)}`;
  if (settings.until) return `Until ${words(settings.until)}`;
  return 'Any time';
}

function count(text: string | null, most: number): number | null {
  return text !== null && /^\d{1,9}$/.test(text) ? Math.min(most, Number(text)) : null;
}

/** RFC 3339 to the nanosecond, which `Date` does not know. */
function isoInstant(text: string): string {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  const ms = match ? Date.parse(`${match[1]}${match[3]}`) : Number.NaN;
  if (!(ms >= 0)) return '';
  return instantText({ sec: ms / 1000, nano: Number((match?.[2] ?? '').padEnd(9, '0')) });
}
