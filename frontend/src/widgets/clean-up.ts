/** The clean-up form: select all of a sort, the sum of what is ticked, and a question that names what will be deleted. */
import type { Disposable } from '../core/disposable';
import { bytes } from '../core/format';
import type { Ctx } from '../registry';

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const form = root as HTMLFormElement;
  const stopped = new AbortController();
  const boxes = () => [...form.querySelectorAll<HTMLInputElement>('input[name=key]')];
  const ticked = () => boxes().filter((box) => box.checked);
  const sum = form.querySelector<HTMLElement>('[data-sum]');
  const submit = form.querySelector<HTMLButtonElement>('[data-submit]');

  const update = () => {
    const chosen = ticked();
    const size = chosen.reduce((total, box) => total + Number(box.dataset.size ?? 0), 0);
    if (sum)
      sum.textContent = chosen.length > 0 ? `${chosen.length} ticked, ${bytes(size)}` : 'Nothing is ticked.';
    if (submit) submit.disabled = chosen.length === 0;
  };

  form.addEventListener(
    'change',
    (event) => {
      const all = event.target instanceof HTMLInputElement ? event.target.dataset.all : undefined;
      if (all && event.target instanceof HTMLInputElement) {
        for (const box of boxes()) if (box.dataset.kind === all) box.checked = event.target.checked;
      }
      update();
    },
    { signal: stopped.signal },
  );
  form.addEventListener(
    'submit',
    (event) => {
      event.preventDefault();
      const names = ticked().map((box) => box.dataset.name ?? '');
      const question = {
        title: `Delete ${names.length} objects?`,
        names,
        action: 'Delete',
        danger: true,
      } as const;
      void ctx.confirm({ ...question, text: 'This cannot be undone.' }).then((yes) => yes && form.submit());
    },
    { signal: stopped.signal },
  );
  update();
  return { dispose: () => stopped.abort() };
}
