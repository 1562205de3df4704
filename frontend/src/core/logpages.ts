/**
 * Lines that are fetched on demand: older ones when the page is scrolled to the top, those of a gap.
 *
 * The Engine can only give the last n messages, up to a time. So an older page asks for as many messages as are known
 * to lie behind it plus a page, ending at the oldest line known; if that brings nothing new, n was too small (parts
 * of long lines and the other stream count as well) and grows.
 */
import { continuesPrevious, levelOf } from './loglevel';
import { CONTINUES, STDERR } from './logline';
import type { SeenLines } from './logseen';
import { KIND_CONTINUES, KIND_STDERR, LogStore } from './logstore';
import type { LogStream, Outcome, StreamEvents } from './logstream';
import { type Instant, instantText } from './logtime';

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
}

/** Fetches lines once: what is in one of `seen` is left out, and after `limit` new lines no more is read. */
export function fetchLines(
  open: OpenStream,
  args: Record<string, unknown>,
  source: number,
  seen: readonly SeenLines[],
  limit: number,
): Promise<Fetched> {
  return new Promise((resolve, reject) => {
    const lines = new LogStore(256 << 10);
    let level = 0;
    const take = (data: Uint8Array, start: number, end: number, time: Instant, flags: number) => {
      if (seen.some((known) => known.take(time, (flags & STDERR) !== 0))) return;
      if (lines.count >= limit) {
        stream.close();
        resolve({ lines, full: true });
        return;
      }
      level = levelOf(data, start, end) || (continuesPrevious(data, start, end) ? level : 0);
      const kind = level | (flags & STDERR ? KIND_STDERR : 0) | (flags & CONTINUES ? KIND_CONTINUES : 0);
      lines.append(data, start, end, time, kind, source);
    };
    const done = (outcome: Outcome) => {
      if (outcome.kind === 'end') resolve({ lines, full: false });
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
  readonly until: Instant;
  /** A fresh set of the known lines up to `until`. */
  seen(): SeenLines;
  /** About how many messages are behind `until`. */
  readonly depth: number;
}

/** The page before `until`; null when there is nothing older. */
export async function fetchOlder(open: OpenStream, request: OlderRequest): Promise<LogStore | null> {
  const until = instantText(request.until);
  let tail = request.depth + PAGE_LINES;
  for (;;) {
    const args = { ...request.args, until, tail };
    const page = await fetchLines(open, args, request.source, [request.seen()], Number.POSITIVE_INFINITY);
    if (page.lines.count > 0) return page.lines;
    const probe = { ...request.args, until, tail: 'all' };
    const rest = await fetchLines(
      open,
      probe,
      request.source,
      [request.seen()],
      tail > MOST_TAIL ? PAGE_LINES : 0,
    );
    if (!rest.full && rest.lines.count === 0) return null;
    if (rest.lines.count > 0) return rest.lines;
    tail *= 4;
  }
}
