/**
 * Lines that are fetched on demand: older ones when the page is scrolled to the top, those of a gap.
 *
 * The Engine can only give the last n messages, up to a time. So an older page asks for as many messages as are known
 * to lie behind it plus a page, ending at the oldest line known; if that brings nothing new, n was too small (parts
 * of long lines and the other stream count as well) and grows.
 */
import { afterDetails, continuesPrevious, levelOf } from './loglevel';
import { CONTINUES, STDERR } from './logline';
import type { KnownLine, Oldest } from './logseen';
import { SeenLines } from './logseen';
import { KIND_CONTINUES, KIND_STDERR, LogStore } from './logstore';
import type { LogStream, Outcome, StreamEvents } from './logstream';
import { compareInstants, type Instant, instantText } from './logtime';

export const PAGE_LINES = 2_000;
/** More than this is no longer a step on the way to the start of the log. */
const MOST_TAIL = 50_000_000;

export class FetchError extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export type OpenStream = (args: Record<string, unknown>, events: StreamEvents) => LogStream;

export interface Fetched {
  /** The lines that were not known, in the Engine's order. */
  readonly lines: LogStore;
  /** There was more than was wanted. */
  readonly full: boolean;
  /** The first line that came was not a known one, although that was required: nothing more was read. */
  readonly detached: boolean;
}

export interface Wanted {
  /** Known lines that may come as well: they are left out. */
  readonly seen: SeenLines;
  /** The known line that the wanted ones come before; null for none. */
  readonly stop: KnownLine | null;
  /** After so many lines no more is read. */
  readonly limit: number;
  /** The first line must be a known one: proof that nothing is missing before it. */
  readonly attached?: boolean;
}

/** Fetches lines once. */
export function fetchLines(
  open: OpenStream,
  args: Record<string, unknown>,
  source: number,
  { seen, stop, limit, attached = false }: Wanted,
): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const lines = new LogStore(256 << 10);
    let level = 0;
    let first = true;
    const take = (data: Uint8Array, start: number, end: number, time: Instant, flags: number) => {
      const stderr = (flags & STDERR) !== 0;
      const met = stop !== null && stderr === stop.stderr && compareInstants(time, stop.time) === 0;
      const known = seen.take(time, stderr);
      const detached = attached && first && !known;
      first = false;
      if (met || detached || (!known && lines.count >= limit)) {
        stream.close();
        resolve({ lines, full: !met && !detached, detached });
        return;
      }
      if (known) return;
      const message = args.details === true ? afterDetails(data, start, end) : start;
      level = levelOf(data, message, end) || (continuesPrevious(data, message, end) ? level : 0);
      const kind = level | (flags & STDERR ? KIND_STDERR : 0) | (flags & CONTINUES ? KIND_CONTINUES : 0);
      lines.append(data, start, end, time, kind, source);
    };
    const done = (outcome: Outcome) => {
      if (outcome.kind === 'end' && outcome.reason === 'complete')
        resolve({ lines, full: false, detached: false });
      else if (outcome.kind === 'end') reject(new FetchError(404, 'The container was removed.'));
      else if (outcome.kind === 'error') reject(new FetchError(outcome.status, outcome.message));
      else reject(new FetchError(0, 'The connection was lost.'));
    };
    const stream = open({ ...args, follow: false }, { line: take, done });
  });
}

export interface OlderRequest {
  readonly source: number;
  /** What every request for this source has in common. */
  readonly args: Record<string, unknown>;
  /** The oldest known lines, made anew for every request; null when none is known. */
  oldest(): Oldest | null;
  /** Where to stop when no line is known. */
  readonly until: Instant;
  /** About how many messages there are from the oldest known line on. */
  readonly depth: number;
}

/** The page before the oldest known line; null when there is nothing older. */
export async function fetchOlder(open: OpenStream, request: OlderRequest): Promise<LogStore | null> {
  const fetch = (tail: number | 'all', limit: number) => {
    const oldest = request.oldest();
    const args = { ...request.args, tail, until: instantText(oldest?.until ?? request.until) };
    const seen = oldest?.seen ?? new SeenLines();
    return fetchLines(open, args, request.source, { seen, stop: oldest?.first ?? null, limit });
  };
  let tail = request.depth + PAGE_LINES;
  for (;;) {
    const page = await fetch(tail, Number.POSITIVE_INFINITY);
    if (page.lines.count > 0) return page.lines;
    const rest = await fetch('all', tail > MOST_TAIL ? PAGE_LINES : 0);
    if (!rest.full && rest.lines.count === 0) return null;
    if (rest.lines.count > 0) return rest.lines;
    tail *= 4;
  }
}
