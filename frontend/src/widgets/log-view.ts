/** `<div data-widget="log-view">`: the log of a container, or of several in the order of their times. */
import type { Disposable } from '../core/disposable';
import type { Ctx } from '../registry';
import { LogView } from './log-view/view';

export function mount(element: HTMLElement, ctx: Ctx): Disposable {
  return new LogView(element, ctx);
}
