/**
 * Short messages in the corner. They come from scripts (`toast()`) or from the server as fragments swapped into
 * `#toasts`. Good news leaves after a while; an error stays until it is dismissed. Hovering or focusing holds them.
 */
import { el, icon } from '../dom/elements';
import type { ToastKind } from '../registry';

const ICONS: Record<ToastKind, string> = {
  ok: 'circle-check',
  info: 'circle-check',
  warn: 'triangle-alert',
  bad: 'octagon-alert',
};
const STAYS_MS = 6_000;
const MOST_AT_ONCE = 5;

function region(): HTMLElement {
  const existing = document.getElementById('toasts');
  if (existing) return existing;
  const made = el('div', { id: 'toasts', class: 'toasts', role: 'status', 'aria-live': 'polite' });
  document.body.append(made);
  return made;
}

/** Shows a message; `bad` stays until dismissed. Text is text: nothing in it is read as markup. */
export function toast(kind: ToastKind, title: string, text = ''): void {
  const dismiss = el(
    'button',
    { type: 'button', class: 'btn icon sm', 'data-dismiss': true, 'aria-label': 'Dismiss' },
    icon('x', true),
  );
  const parts = [icon(ICONS[kind]), el('b', {}, title), dismiss];
  if (text) region().append(el('div', { class: `toast ${kind}` }, ...parts, el('p', {}, text)));
  else region().append(el('div', { class: `toast ${kind}` }, ...parts));
}

/** Lets a toast go after its time, which starts again when the pointer or the focus leaves it. */
function expire(node: HTMLElement): void {
  if (node.classList.contains('bad')) return;
  let timer = 0;
  const start = () => {
    clearTimeout(timer);
    timer = window.setTimeout(() => node.remove(), STAYS_MS);
  };
  const hold = () => clearTimeout(timer);
  node.addEventListener('pointerenter', hold);
  node.addEventListener('focusin', hold);
  node.addEventListener('pointerleave', start);
  node.addEventListener('focusout', start);
  start();
}

/** The region lives in the top layer, above any dialog that was open before the message came. */
function raise(list: HTMLElement, isNews: boolean): void {
  const isShown = list.matches(':popover-open');
  if (isShown && (isNews || list.childElementCount === 0)) list.hidePopover();
  if (list.childElementCount > 0 && (isNews || !isShown)) list.showPopover();
}

export function installToasts(): void {
  const list = region();
  list.popover = 'manual';
  for (const node of list.querySelectorAll<HTMLElement>('.toast')) expire(node);
  raise(list, true);
  new MutationObserver((records) => {
    for (const record of records) {
      for (const node of record.addedNodes) if (node instanceof HTMLElement) expire(node);
    }
    while (list.childElementCount > MOST_AT_ONCE) list.firstElementChild?.remove();
    raise(
      list,
      records.some((record) => record.addedNodes.length > 0),
    );
  }).observe(list, { childList: true });
  list.addEventListener('click', (event) => {
    const button = (event.target as Element).closest('[data-dismiss], .toast > button');
    button?.closest('.toast')?.remove();
  });
}
