/**
 * What a tab remembers of its terminals while it reloads or looks at another page: how to come back to each and what
 * its screen showed. Kept in the tab's own session storage, since the tokens open running processes.
 */
import type { Place, TerminalRequest } from './terminal-session';

export interface Remembered {
  readonly request: TerminalRequest;
  readonly place: Place;
  /** The screen as escape sequences, for a terminal of `rows` by `cols`. */
  readonly screen: string;
  readonly rows: number;
  readonly cols: number;
  /** Number of its tab, so that panes come back side by side. */
  readonly tab: number;
}

/** The server keeps a terminal for 30 s. */
export const KEPT_MS = 30_000;
const LARGEST = 1 << 20;

/** A text for the storage; screens that are too large together are left out (the server then replays them). */
export function remember(terminals: readonly Remembered[], now: number): string {
  const whole = JSON.stringify({ at: now, terminals });
  if (whole.length <= LARGEST) return whole;
  const bare = terminals.map((one) => ({ ...one, screen: '', place: { ...one.place, offset: null } }));
  return JSON.stringify({ at: now, terminals: bare });
}

/** What `remember` wrote, unless it is too old or not ours. */
export function recall(text: string | null, now: number): readonly Remembered[] {
  if (text === null) return [];
  try {
    const { at, terminals } = JSON.parse(text) as { at: number; terminals: Remembered[] };
    if (!(now - at < KEPT_MS) || !Array.isArray(terminals)) return [];
    return terminals.filter(isRemembered);
  } catch {
    return [];
  }
}

function isRemembered(value: Remembered): boolean {
  const topic = value?.request?.topic;
  return (
    (topic === 'exec' || topic === 'attach') &&
    typeof value.request.args === 'object' &&
    typeof value.place?.token === 'string' &&
    (value.place.offset === null || Number.isInteger(value.place.offset)) &&
    typeof value.screen === 'string'
  );
}
