/**
 * Parts of a page that are kept right: a topic says that something changed, the page is fetched again, and the elements
 * with the given ids are morphed in from it, so that page and update are the same HTML.
 */
import type { Disposable } from '../core/disposable';
import type { Ctx } from '../registry';
import { tellAges } from './ages';
import { morph, parseFragment } from './htmx';

export interface LivePart {
  readonly topic: string;
  readonly args: object;
  readonly ids: readonly string[];
  /** Where the fresh HTML comes from; the page itself when absent. */
  readonly url?: string;
  /** What to say when the topic's object is no more. */
  readonly gone?: string;
  /** Called after a refresh. */
  refreshed?(): void;
}

/** Fetches the page that is shown and morphs the elements with these ids in from it. */
export async function refreshParts(
  ids: readonly string[],
  signal: AbortSignal,
  url: string = location.href,
): Promise<void> {
  const response = await fetch(url, { signal, headers: { Accept: 'text/html' } });
  if (!response.ok || response.redirected) return;
  const page = parseFragment(await response.text());
  for (const id of ids) {
    const fresh = page.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) continue;
    morph(old, fresh);
    tellAges(old);
  }
}

export function keepFresh(ctx: Ctx, part: LivePart): Disposable {
  const stopped = new AbortController();
  let running = false;
  let again = false;
  const refresh = async () => {
    await refreshParts(part.ids, stopped.signal, part.url);
    part.refreshed?.();
  };
  /** One fetch at a time; what changes meanwhile is one more. */
  const update = async () => {
    again = running;
    if (running) return;
    running = true;
    try {
      await refresh();
    } catch (error) {
      if (!(error instanceof DOMException && error.name === 'AbortError')) {
        ctx.notice(part.topic, 'The server did not answer; what is shown may be out of date.');
      }
    } finally {
      running = false;
    }
    if (again && !stopped.signal.aborted) void update();
  };
  const channel = ctx.socket.open(part.topic, part.args, {
    retry: true,
    message(message) {
      if (message.ev === 'stale') ctx.notice(part.topic, String(message.message));
      if (message.ev === 'gone' && part.gone) ctx.notice(part.topic, part.gone);
      if (message.ev !== 'changed') return;
      ctx.notice(part.topic, null);
      // The first one comes as the channel opens: what changed while the page was on its way is in nobody's events.
      void update();
    },
  });
  return {
    dispose() {
      stopped.abort();
      channel.close();
      ctx.notice(part.topic, null);
    },
  };
}
