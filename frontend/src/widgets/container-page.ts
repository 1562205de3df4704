/** Keeps a container's page right: the head on every tab, and the overview where it is shown. */
import type { Disposable } from '../core/disposable';
import { keepFresh } from '../dom/live-part';
import type { Ctx } from '../registry';

export function mount(head: HTMLElement, ctx: Ctx): Disposable {
  const id = head.dataset.containerId ?? '';
  const overview = document.getElementById('overview') !== null;
  return keepFresh(ctx, {
    topic: 'container',
    args: { id },
    // Other tabs hold live views of their own: only their head is fetched. By id, for the name in the page's own
    // address may be another one by now.
    ...(overview
      ? { ids: ['chead', 'overview'], url: `/containers/${id}/` }
      : { ids: ['chead'], url: `/containers/${id}/header` }),
    gone: 'This container has been removed.',
  });
}
