/** On the page that says why the Engine is out of reach: looks again every few seconds, and goes on when it answers. */
import type { Disposable } from '../core/disposable';
import { requestJson } from '../dom/request';

const EVERY_MS = 3_000;

export function mount(element: HTMLElement): Disposable {
  const url = element.dataset.url ?? '/engine';
  let timer = 0;
  let gone = false;

  async function look(): Promise<void> {
    const { status } = await requestJson<{ up: boolean }>(url);
    if (gone) return;
    // 401: logged out meanwhile; the page itself knows the way to the login.
    if (status === 200 || status === 401) location.replace(location.href);
    else timer = window.setTimeout(look, EVERY_MS);
  }

  const onVisible = () => {
    if (document.visibilityState !== 'visible') return;
    window.clearTimeout(timer);
    void look();
  };
  document.addEventListener('visibilitychange', onVisible);
  timer = window.setTimeout(look, EVERY_MS);
  return {
    dispose() {
      gone = true;
      window.clearTimeout(timer);
      document.removeEventListener('visibilitychange', onVisible);
    },
  };
}
