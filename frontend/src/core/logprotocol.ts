/**
 * What the log view and its worker say to each other.
 *
 * The worker holds the lines and decides what is asked of the server; the page holds the socket and draws. Channels
 * are numbered by the worker (`key`): the page opens them on the tab's socket and passes everything through.
 */
import type { Query } from './logsearch';
import type { ServerMessage } from './socket';

export interface SourceSpec {
  /** Full id of the container. */
  readonly id: string;
  readonly name: string;
}

export interface LogOptions {
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly details: boolean;
  /** Bounds in the Engine's spelling (`seconds.nanoseconds`), null for none. */
  readonly since: string | null;
  readonly until: string | null;
  /** Lines to begin with. */
  readonly tail: number | 'all';
  /** Begin around this time instead of at the end. */
  readonly at: string | null;
}

export type PageMessage =
  | {
      readonly t: 'start';
      readonly sources: readonly SourceSpec[];
      readonly options: LogOptions;
      readonly limit: number;
    }
  | { readonly t: 'join'; readonly sources: readonly SourceSpec[] }
  | { readonly t: 'message'; readonly key: number; readonly message: ServerMessage }
  | { readonly t: 'bytes'; readonly key: number; readonly data: Uint8Array }
  | { readonly t: 'dropped'; readonly key: number }
  | { readonly t: 'viewport'; readonly first: number; readonly last: number; readonly following: boolean }
  | { readonly t: 'filter'; readonly level: number; readonly matches: boolean; readonly context: number }
  | { readonly t: 'query'; readonly query: Query | null }
  | { readonly t: 'marks'; readonly items: ReadonlyArray<MarkRequest> }
  | { readonly t: 'older' }
  | { readonly t: 'newer' }
  | { readonly t: 'fill'; readonly line: number }
  | { readonly t: 'ask'; readonly id: number; readonly question: Question };

export interface MarkRequest {
  readonly key: string;
  readonly text: string;
}

/** Questions with an answer, see `Answers`. Rows are `[from, to)`. */
export type Question =
  | { readonly q: 'rows'; readonly version: number; readonly from: number; readonly to: number }
  | { readonly q: 'text'; readonly from: number; readonly to: number; readonly times: boolean }
  | { readonly q: 'find'; readonly row: number; readonly forwards: boolean }
  | { readonly q: 'gap'; readonly before: number | null }
  | { readonly q: 'row'; readonly line: number }
  | { readonly q: 'time'; readonly at: string; readonly ordinal: number }
  | { readonly q: 'ordinal'; readonly line: number };

export interface Answers {
  /** Null when the rows were asked for with a version that is over. */
  rows: readonly Row[] | null;
  text: Blob;
  /** Where the next match is, and which one of how many; null if there is none. */
  find: { readonly row: number; readonly line: number; readonly index: number } | null;
  /** The last gap before a line; the last of all if there is none or no line is named; null if none is open. */
  gap: { readonly row: number; readonly line: number } | null;
  /** The row of a line, or of the next line that is shown. */
  row: number;
  /** The row and line of a time, null if the store does not reach there. */
  time: { readonly row: number; readonly line: number } | null;
  /** How many lines of the same source and time come before this one. */
  ordinal: number;
}

export interface Row {
  readonly row: number;
  readonly line: number;
  readonly text: string;
  /** Bytes of text that were left out because the line is too long to show. */
  readonly cut: number;
  readonly sec: number;
  readonly nano: number;
  readonly kind: number;
  readonly source: number;
  /** The line matches the query. */
  readonly hit: boolean;
  /** Lines before this one are left out. */
  readonly jump: boolean;
}

/** Something that happened to a log, shown as a row of its own. Times are instants as text. */
export type Notice =
  /**
   * The line at `to` is there, on stderr if `err`; `large`: not filled without being asked for; `count`: so many
   * messages were left out because this tab was too slow.
   */
  | {
      readonly kind: 'gap';
      readonly from: string;
      readonly to: string;
      readonly err: boolean;
      readonly large?: boolean;
      readonly count?: number;
    }
  | { readonly kind: 'lost'; readonly from: string; readonly to: string }
  | { readonly kind: 'stopped'; readonly exit: number; readonly oom: boolean; readonly error: string }
  | { readonly kind: 'started' }
  | { readonly kind: 'removed' };

export type Edge =
  | 'start' // nothing is older
  | 'more' // there is more: it is loaded on demand
  | 'limit' // there is more, but outside the chosen range
  | 'live' // what comes is shown
  | 'end' // nothing more can come
  | 'loading';

export interface SourceState {
  readonly phase: 'opening' | 'live' | 'lost' | 'stopped' | 'paused' | 'failed' | 'complete';
  /** HTTP-like status and text of the last error; 0 for none. */
  readonly status: number;
  readonly message: string;
  /** The container's state as the Engine spells it (`created`, `running`, `exited`), empty while unknown. */
  readonly state: string;
  readonly tty: boolean;
}

export interface ViewState {
  readonly version: number;
  /** Rows are `[first, next)`. */
  readonly first: number;
  readonly next: number;
  readonly lines: number;
  readonly bytes: number;
  /** Lines per second that come now. */
  readonly rate: number;
  readonly top: Edge;
  readonly bottom: Edge;
  /** Lines that were dropped from the front because of the limit. */
  readonly dropped: number;
  /** Gaps whose lines have not been loaded. */
  readonly gaps: number;
  readonly sources: readonly SourceState[];
  readonly hits: HitState | null;
  /** The last rows, when the page follows: it can draw them without asking. */
  readonly tail: readonly Row[] | null;
}

export interface HitState {
  readonly count: number;
  /** 0 to 1. */
  readonly progress: number;
  readonly error: string;
}

export type WorkerMessage =
  | { readonly t: 'open'; readonly key: number; readonly args: Record<string, unknown> }
  | { readonly t: 'close'; readonly key: number }
  | { readonly t: 'ack'; readonly key: number; readonly n: number }
  | { readonly t: 'state'; readonly state: ViewState }
  | { readonly t: 'histogram'; readonly histogram: HistogramData | null }
  | {
      readonly t: 'marks';
      readonly items: ReadonlyArray<{ readonly key: string; readonly ranges: readonly number[] }>;
    }
  | { readonly t: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly t: 'failed'; readonly message: string };

export interface HistogramData {
  readonly from: number;
  readonly to: number;
  readonly other: Uint32Array;
  readonly warn: Uint32Array;
  readonly error: Uint32Array;
}
