/** The form around a text file: Ctrl-S saves, and what was typed is not lost by leaving. */
import { type Disposable, Disposables } from '../core/disposable';
import { listen } from '../dom/listen';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const made = new Disposables();
  if (!(root instanceof HTMLFormElement)) return made;
  let changed = false;
  const warn = (event: BeforeUnloadEvent) => {
    if (changed) event.preventDefault();
  };
  window.addEventListener('beforeunload', warn);
  made.add(() => window.removeEventListener('beforeunload', warn));
  made.add(
    listen(root, 'input', () => {
      changed = true;
    }),
  );
  made.add(
    listen(root, 'submit', () => {
      changed = false;
    }),
  );
  made.add(
    listen(root, 'keydown', (event) => {
      if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey) return;
      event.preventDefault();
      root.requestSubmit();
    }),
  );
  made.add(
    listen(root, 'click', (event) => {
      const link = event.target instanceof Element ? event.target.closest('a[data-revert]') : null;
      if (!(link instanceof HTMLAnchorElement) || !changed) return;
      event.preventDefault();
      void ctx.confirm({ title: 'Discard your changes?', action: 'Discard', danger: true }).then((answer) => {
        if (!answer) return;
        changed = false;
        location.assign(link.href);
      });
    }),
  );
  return made;
}
