/** `[data-copy="text"]` copies its text, `[data-copy-from="#id"]` the text of another element; a tick confirms. */
import { icon } from '../dom/elements';
import { hit } from '../dom/listen';
import type { Ctx } from '../registry';

const CONFIRMS_MS = 1_500;

/** Plain http on a LAN has no clipboard API: there the old way through a selection still works. */
function copyBySelection(text: string): boolean {
  const field = document.createElement('textarea');
  field.value = text;
  field.setAttribute('aria-hidden', 'true');
  field.style.position = 'fixed';
  field.style.opacity = '0';
  const dialog = document.querySelector('dialog:modal');
  (dialog ?? document.body).append(field);
  const focused = document.activeElement;
  field.select();
  const copied = document.execCommand('copy');
  field.remove();
  if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
  return copied;
}

/** Puts text on the clipboard; resolves to whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  if (navigator.clipboard === undefined) return copyBySelection(text);
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

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
