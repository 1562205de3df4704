/**
 * `<div id="list" data-widget="live-region" data-types="network container">`: when something of these types changes, the
 * page is fetched again and this element morphed: ticks, focus and carets stay. What the server shows is always its own HTML.
 */
import type { Disposable } from '../core/disposable';
import { tellAges } from '../dom/ages';
import { morph, parseFragment } from '../dom/htmx';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const stopped = new AbortController();
  let running = false;
  let again = false;

  const refresh = async () => {
    if (running) {
      again = true;
      return;
    }
    running = true;
    try {
      do {
        again = false;
        const response = await fetch(location.href, {
          signal: stopped.signal,
          headers: { Accept: 'text/html' },
        });
        if (!response.ok || response.redirected) break;
        const fresh = parseFragment(await response.text()).getElementById(root.id);
        if (!fresh) break;
        morph(root, fresh);
        tellAges(root);
      } while (again);
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) throw error;
    } finally {
      running = false;
    }
  };

  const channel = ctx.socket.open(
    'changes',
    { types: (root.dataset.types ?? '').split(' ').filter(Boolean) },
    {
      retry: true,
      message(message) {
        if (message.ev === 'changed') {
          ctx.notice('live-region', null);
          void refresh();
        } else if (message.ev === 'stale') {
          ctx.notice('live-region', String(message.message));
        }
      },
    },
  );
  return {
    dispose() {
      stopped.abort();
      channel.close();
      ctx.notice('live-region', null);
    },
  };
}
