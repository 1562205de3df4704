/**
 * The sidebar: comes with the page as far as the server knew it, is fetched again once the page is shown, and whenever
 * something on the Engine comes or goes: its counts, its name and whether it answers are true on every page.
 */
import type { Disposable } from '../core/disposable';
import { morph, parseFragment } from '../dom/htmx';
import type { Ctx } from '../registry';

const WAIT_MS = 1_000; // a burst of events is one fetch; the server's facts may be as old (engine_facts.FRESH)

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const stopped = new AbortController();
  let timer = 0;
  let again = false; // something changed while the timer ran: facts asked in between may miss it
  let latest = 0;

  async function refresh(): Promise<void> {
    timer = 0;
    if (again) soon();
    latest += 1;
    const mine = latest;
    try {
      const response = await fetch(root.dataset.url ?? '/side', {
        signal: stopped.signal,
        headers: { 'HX-Request': 'true' },
      });
      const text = await response.text();
      if (!response.ok || mine !== latest) return;
      const fresh = root.cloneNode(false) as HTMLElement;
      fresh.append(parseFragment(text));
      morph(root, fresh);
    } catch (error) {
      // The server went away or the page does: the banner says the former, and a reconnect brings a `changed`.
      if (!(error instanceof DOMException || error instanceof TypeError)) throw error;
    }
  }

  function soon(): void {
    again = timer !== 0;
    if (timer === 0) timer = window.setTimeout(() => void refresh(), WAIT_MS);
  }

  const channel = ctx.socket.open(
    'changes',
    { types: ['container', 'image', 'network', 'volume'] },
    {
      retry: true,
      message(message) {
        if (message.ev === 'changed' || message.ev === 'stale') soon();
      },
    },
  );
  void refresh();
  return {
    dispose() {
      stopped.abort();
      window.clearTimeout(timer);
      channel.close();
    },
  };
}
