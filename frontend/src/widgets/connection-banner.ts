/**
 * One line at the top that says when what is shown is not up to date: the connection to the server is lost (only
 * after a second: a hiccup is nobody's business), or the Engine does not answer. `html[data-stale]` lets pages dim figures.
 */
import type { Socket } from '../core/socket';
import { el, icon } from '../dom/elements';

const QUIET_MS = 1_000;
const notices = new Map<string, string>();
const since = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
/** Made before it is needed: without a connection not even its icon could be fetched. */
const line = el('span');
const banner = el('div', { class: 'banner', role: 'status', hidden: true }, icon('triangle-alert'), line);

function render(): void {
  const text = [...notices.values()].join(' ');
  document.documentElement.toggleAttribute('data-stale', text !== '');
  banner.hidden = text === '';
  if (line.textContent !== text) line.textContent = text;
}

/** Shows a reason under a key of the caller's own; null takes it back. */
export function notice(key: string, text: string | null): void {
  if (text === null) notices.delete(key);
  else notices.set(key, text);
  render();
}

export function installConnectionBanner(socket: Socket): void {
  document.body.prepend(banner);
  let timer = 0;
  socket.onState((state) => {
    if (state === 'open') {
      window.clearTimeout(timer);
      timer = 0;
      notice('connection', null);
    } else if (state !== 'connecting' && timer === 0) {
      const then = state === 'refused' ? 'Reload the page to go on.' : 'Retrying.';
      const text = `Connection lost. ${then} What you see is from ${since.format(Date.now())}.`;
      timer = window.setTimeout(() => notice('connection', text), QUIET_MS);
    }
  });
}
