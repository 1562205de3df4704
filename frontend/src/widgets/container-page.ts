/**
 * Keeps a container's page right: the head on every tab, the overview where it is shown. The `container` topic says that
 * something changed; what is shown then comes from the server as the same HTML that the page was made of, and is morphed in.
 */
import type { Disposable } from '../core/disposable';
import { tellAges } from '../dom/ages';
import { morph, parseFragment } from '../dom/htmx';
import type { Ctx } from '../registry';

/** Fetches a page of ours and morphs the element with `id` in it over the one that is shown. */
async function refresh(url: string, id: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal, headers: { Accept: 'text/html' } });
  if (!response.ok || response.redirected) return;
  const fresh = parseFragment(await response.text()).getElementById(id);
  const old = document.getElementById(id);
  if (!fresh || !old) return;
  morph(old, fresh);
  tellAges(old);
}

export function mount(head: HTMLElement, ctx: Ctx): Disposable {
  const id = head.dataset.containerId ?? '';
  const base = `/containers/${id}/`;
  const stopped = new AbortController();
  const update = () => {
    const overview = document.getElementById('overview') !== null;
    void refresh(`${base}header`, 'chead', stopped.signal).catch(ignoreAbort);
    if (overview) void refresh(base, 'overview', stopped.signal).catch(ignoreAbort);
    head.dispatchEvent(new CustomEvent('container:changed', { bubbles: true }));
  };
  let first = true;
  const channel = ctx.socket.open(
    'container',
    { id },
    {
      retry: true,
      message(message) {
        if (message.ev === 'changed') {
          ctx.notice('container', null);
          const joined = first && String(message.actions) === 'resync';
          first = false;
          if (!joined) update();
        } else if (message.ev === 'gone') {
          ctx.notice('container', 'This container has been removed.');
        } else if (message.ev === 'stale') {
          ctx.notice('container', String(message.message));
        }
      },
    },
  );
  return {
    dispose() {
      stopped.abort();
      channel.close();
      ctx.notice('container', null);
    },
  };
}

function ignoreAbort(error: unknown): void {
  if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
}
