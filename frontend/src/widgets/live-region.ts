/**
 * `<div id="list" data-widget="live-region" data-types="network container">`: when something of these types changes, the
 * page is fetched again and this element morphed: ticks, focus and carets stay. `data-url` is where it is fetched from
 * instead, such as the same page without what takes long.
 */
import type { Disposable } from '../core/disposable';
import { keepFresh } from '../dom/live-part';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const types = (root.dataset.types ?? '').split(' ').filter(Boolean);
  const { url } = root.dataset;
  return keepFresh(ctx, { topic: 'changes', args: { types }, ids: [root.id], ...(url ? { url } : {}) });
}
