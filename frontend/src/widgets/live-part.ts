/** `<header data-widget="live-part" data-topic="images" data-id="…" data-part="head facts">`: see dom/live-part.ts. */
import type { Disposable } from '../core/disposable';
import { keepFresh } from '../dom/live-part';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const { topic = '', id, part = root.id, gone } = root.dataset;
  return keepFresh(ctx, { topic, args: id ? { id } : {}, ids: part.split(' '), ...(gone && { gone }) });
}
