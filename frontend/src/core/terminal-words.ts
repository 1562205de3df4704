/** What a terminal says about itself. */
import type { Ending, Phase, TerminalSession } from './terminal-session';

/** A dim line of our own inside the output: bytes that the page never got. */
export function gapLine(bytes: number): string {
  return `\r\n\x1b[0;2m── ${amount(bytes)} of output left out: it came faster than it could be drawn ──\x1b[0m\r\n`;
}

function amount(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1 << 20 ? `${(bytes / 1024).toFixed(0)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;
}

export interface Status {
  readonly text: string;
  /** The class of the dot. */
  readonly tone: 'is-running' | 'is-paused' | 'is-restarting' | 'is-exited' | 'is-unhealthy';
}

/** The footer's first word. */
export function statusOf(session: Pick<TerminalSession, 'phase' | 'paused' | 'ending'>): Status {
  if (session.phase === 'running') {
    return session.paused
      ? { text: 'Container paused', tone: 'is-paused' }
      : { text: 'Connected', tone: 'is-running' };
  }
  const others: Record<Exclude<Phase, 'running'>, Status> = {
    opening: { text: 'Connecting…', tone: 'is-restarting' },
    lost: { text: 'Reconnecting…', tone: 'is-restarting' },
    failed: { text: 'Not started', tone: 'is-unhealthy' },
    ended: {
      text: session.ending?.code == null ? 'Ended' : `Exit ${session.ending.code}`,
      tone: 'is-exited',
    },
  };
  return others[session.phase];
}

/** What the note over a terminal says when there is something to say. */
export function noteOf(
  session: Pick<TerminalSession, 'phase' | 'paused' | 'ending' | 'problem'>,
): { readonly title: string; readonly text: string } | null {
  if (session.phase === 'failed') return { title: 'Not started', text: session.problem ?? '' };
  if (session.phase === 'lost') {
    return { title: 'Connection lost', text: 'Coming back to the same session; it is kept for 30 seconds.' };
  }
  if (session.phase === 'ended' && session.ending) {
    return { title: endTitle(session.ending), text: session.ending.message };
  }
  if (session.phase === 'running' && session.paused) {
    return { title: 'The container is paused', text: 'Output and input wait until it is unpaused.' };
  }
  return null;
}

function endTitle(ending: Ending): string {
  if (ending.survived) return 'Disconnected';
  return ending.code === null ? 'Session ended' : `Exited with code ${ending.code}`;
}

/** For the message after a session was closed although its process did not leave. */
export function survivorText(command: string, container: string, ending: Ending): string {
  const number = ending.pid ? ` as process ${ending.pid} of the Engine's host` : '';
  return `${command} goes on in ${container}${number}: it ignored Ctrl-C and the end of its input.`;
}
