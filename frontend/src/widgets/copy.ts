/** `[data-copy="text"]` copies its text, `[data-copy-from="#id"]` the text of another element; a tick confirms. */
import { copyText } from '../dom/clipboard';
import { icon } from '../dom/elements';
import { hit } from '../dom/listen';
import type { Ctx } from '../registry';

const CONFIRMS_MS = 1_500;

function textFor(button: HTMLElement): string {
  const from = button.dataset.copyFrom;
  if (from === undefined) return button.dataset.copy ?? '';
  const source = document.querySelector<HTMLElement>(from);
  return source instanceof HTMLInputElement ? source.value : (source?.textContent ?? '');
}

function confirmOn(button: HTMLElement): void {
  const shown = button.querySelector('svg.i');
  if (!shown) return;
  const tick = icon('check', shown.classList.contains('s'));
  shown.replaceWith(tick);
  window.setTimeout(() => tick.replaceWith(shown), CONFIRMS_MS);
}

export function installCopy(ctx: Pick<Ctx, 'toast'>): void {
  document.addEventListener('click', async (event) => {
    const button = hit(event, '[data-copy], [data-copy-from]');
    if (!button) return;
    const copied = await copyText(textFor(button));
    if (!copied)
      ctx.toast('bad', 'Copying failed', 'The browser does not allow it here. Select the text instead.');
    else if (button.closest('[role=menu]') || !button.querySelector('svg.i')) ctx.toast('ok', 'Copied');
    else confirmOn(button);
  });
}
