/** The images list: kept right by events, filtered as one types, and several picked to be saved as one tar. */
import { type Disposable, Disposables } from '../core/disposable';
import { listen } from '../dom/listen';
import { keepFresh } from '../dom/live-part';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const made = new Disposables();
  const input = root.querySelector<HTMLInputElement>('[data-quick-filter]');
  const filter = () => {
    const words = (input?.value ?? '').toLowerCase().split(/\s+/).filter(Boolean);
    for (const group of root.querySelectorAll<HTMLElement>('[data-group]')) {
      let shown = 0;
      for (const row of group.querySelectorAll<HTMLElement>('[data-row]')) {
        const text = (row.dataset.row ?? '').toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
        if (!row.hidden) shown++;
      }
      group.hidden = shown === 0;
    }
  };
  const picks = () => {
    const some = root.querySelector('.c-pick input:checked') !== null;
    for (const button of root.querySelectorAll<HTMLButtonElement>('[data-needs-picked]')) {
      button.disabled = !some;
    }
  };
  if (input) made.add(listen(input, 'input', filter));
  made.add(listen(root, 'change', picks));
  const refreshed = () => {
    filter();
    picks();
  };
  made.add(keepFresh(ctx, { topic: 'images', args: {}, ids: ['images'], refreshed }));
  refreshed();
  return made;
}
