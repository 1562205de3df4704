/** The list of jobs, fetched again when the tray hears that one has come, moved on or ended. */
import type { Disposable } from '../core/disposable';
import { refreshParts } from '../dom/live-part';
import type { Ctx } from '../registry';

const PAUSE = 1000; // ms between two looks: progress comes several times a second

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const stopped = new AbortController();
  let timer: number | undefined;
  const look = () => {
    timer = undefined;
    refreshParts([root.id], stopped.signal).then(
      () => ctx.notice('jobs', null),
      () =>
        stopped.signal.aborted ||
        ctx.notice('jobs', 'The server did not answer; this list may be out of date.'),
    );
  };
  const changed = () => {
    timer ??= window.setTimeout(look, PAUSE);
  };
  document.addEventListener('jobs:changed', changed, { signal: stopped.signal });
  return {
    dispose() {
      stopped.abort();
      window.clearTimeout(timer);
    },
  };
}
