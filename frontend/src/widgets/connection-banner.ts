/**
 * One line at the top that says when what is shown is not up to date: the connection to the server is lost (only
 * after a second: a hiccup is nobody's business), or the Engine does not answer. `html[data-stale]` lets pages dim figures.
 */
import type { Socket } from '../core/socket';
import { el, icon } from '../dom/elements';

const QUIET_MS = 1_000;
const notices = new Map<string, string>();
const since = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
let banner: HTMLElement | null = null;

function render(): void {
  const text = [...notices.values()].join(' ');
  document.documentElement.toggleAttribute('data-stale', text !== '');
  if (text === '') {
    banner?.remove();
    banner = null;
    return;
  }
  if (banner === null) {
    banner = el('div', { class: 'banner', role: 'status' }, icon('triangle-alert'), el('span'));
    document.body.prepend(banner);
  }
  const line = banner.lastElementChild;
  if (line && line.textContent !== text) line.textContent = text;
}

/** Shows a reason under a key of the caller's own; null takes it back. */
export function notice(key: string, text: string | null): void {
  if (text === null) notices.delete(key);
  else notices.set(key, text);
  render();
}

export function installConnectionBanner(socket: Socket): void {
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
