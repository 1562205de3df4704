/** The question before a volume's files. Who was among them a moment ago (its helper has gone meanwhile) is not asked. */
import { type Disposable, Disposables } from '../core/disposable';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, _ctx: Ctx): Disposable {
  const from = document.referrer ? new URL(document.referrer) : null;
  const isBack = from?.origin === location.origin && from.pathname.startsWith(location.pathname);
  if (root instanceof HTMLFormElement && isBack) root.requestSubmit();
  return new Disposables();
}
