/** `<input data-widget="row-filter" data-rows="#changes">`: hides the rows of that table whose `data-text` lacks the text. */
import type { Disposable } from '../core/disposable';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, _ctx: Ctx): Disposable {
  const input = root as HTMLInputElement;
  const rows = [...document.querySelectorAll<HTMLElement>(`${input.dataset.rows ?? ''} tr[data-text]`)];
  const stopped = new AbortController();
  const apply = () => {
    const wanted = input.value.trim().toLowerCase();
    for (const row of rows) row.hidden = !(row.dataset.text ?? '').toLowerCase().includes(wanted);
  };
  input.addEventListener('input', apply, { signal: stopped.signal });
  apply();
  return { dispose: () => stopped.abort() };
}
