/**
 * Dialogs. `confirm()` asks before anything destructive, naming what it will destroy; `hx-confirm="Remove web-1?"` on
 * an element asks the same way (`data-confirm-text`, `data-confirm-action`, `data-confirm-names` (one per line),
 * `data-confirm-kind="danger"`). A `<dialog data-dialog>` that the server sends opens as it arrives and goes when it is
 * closed; `[data-close]` closes the dialog it is in, `[data-opens="id"]` opens one that is in the page.
 */
import htmx from 'htmx.org';
import { el } from '../dom/elements';
import { hit } from '../dom/listen';
import type { Question } from '../registry';

const NAMES_SHOWN = 12;

function namesList(names: readonly string[]): HTMLElement {
  const shown = names.slice(0, NAMES_SHOWN).map((name) => el('li', {}, name));
  const rest = names.length - shown.length;
  if (rest > 0) shown.push(el('li', { class: 'more' }, `and ${rest} more`));
  return el('ul', { class: 'names' }, ...shown);
}

function choice(item: { name: string; label: string; checked?: boolean }): HTMLElement {
  const box = el('input', { type: 'checkbox', name: item.name, checked: item.checked === true });
  return el('label', { class: 'check' }, box, ` ${item.label}`);
}

function build(question: Question): HTMLDialogElement {
  const parts: HTMLElement[] = [el('h2', { id: 'confirm-title' }, question.title)];
  if (question.text) parts.push(el('p', {}, question.text));
  if (question.names?.length) parts.push(namesList(question.names));
  for (const item of question.choices ?? []) parts.push(choice(item));
  const cancel = el(
    'button',
    { class: 'btn', value: 'cancel', autofocus: question.danger === true },
    'Cancel',
  );
  const kind = question.danger ? 'btn danger solid' : 'btn primary';
  const action = el(
    'button',
    { class: kind, value: 'yes', autofocus: question.danger !== true },
    question.action,
  );
  const form = el('form', { method: 'dialog' }, ...parts, el('footer', {}, cancel, action));
  return el('dialog', { class: 'dialog confirm', 'aria-labelledby': 'confirm-title' }, form);
}

/** Asks; resolves to the names of the ticked choices, or null. Escape and a click outside mean no. */
export function confirm(question: Question): Promise<ReadonlySet<string> | null> {
  const dialog = build(question);
  document.body.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      const ticked = [...dialog.querySelectorAll<HTMLInputElement>('input:checked')].map((box) => box.name);
      dialog.remove();
      resolve(dialog.returnValue === 'yes' ? new Set(ticked) : null);
    });
  });
}

/** The question that an element's own attributes ask. */
export function questionOf(element: HTMLElement, title: string): Question {
  const data = element.dataset;
  const names = data.confirmNames?.split('\n').filter(Boolean);
  return {
    title,
    action: data.confirmAction ?? 'Go on',
    danger: data.confirmKind === 'danger',
    ...(data.confirmText ? { text: data.confirmText } : {}),
    ...(names ? { names } : {}),
  };
}

function askForHtmx(): void {
  htmx.on('htmx:confirm', (event) => {
    const { ctx, issueRequest, dropRequest } = event.detail;
    const source = ctx.sourceElement;
    event.preventDefault();
    const title = String(ctx['confirm' as keyof typeof ctx]);
    const element = source instanceof HTMLElement ? source : document.body;
    void confirm(questionOf(element, title)).then((answer) => (answer ? issueRequest() : dropRequest()));
  });
}

/** A dialog's own form did its work: the dialog has served its purpose, unless the answer went into it. */
function closeServed(): void {
  htmx.on('htmx:after:swap', (event) => {
    const { sourceElement, request, response, target } = event.detail.ctx;
    const dialog = sourceElement.closest('dialog');
    const answersInside = target instanceof Node && dialog?.contains(target) === true;
    const worked = (response?.status ?? 500) < 400;
    if (dialog && worked && request.method !== 'GET' && !answersInside) dialog.close();
  });
}

/** Opens what the server sent, and takes it out of the document once it is closed, unless a button opens it again. */
function openArrived(): void {
  for (const dialog of document.querySelectorAll<HTMLDialogElement>('dialog[data-dialog]:not([open])')) {
    const stays = document.querySelector(`[data-opens="${CSS.escape(dialog.id)}"]`) !== null;
    if (stays) delete dialog.dataset.dialog;
    else dialog.addEventListener('close', () => dialog.remove(), { once: true });
    dialog.showModal();
  }
}

function clickedOutside(event: MouseEvent): HTMLDialogElement | null {
  const dialog = event.target;
  if (!(dialog instanceof HTMLDialogElement) || dialog.dataset.sticky !== undefined) return null;
  const box = dialog.getBoundingClientRect();
  const inside =
    event.clientX >= box.left &&
    event.clientX <= box.right &&
    event.clientY >= box.top &&
    event.clientY <= box.bottom;
  return inside ? null : dialog;
}

export function installDialogs(): void {
  askForHtmx();
  closeServed();
  openArrived();
  document.addEventListener('htmx:after:settle', openArrived);
  document.addEventListener('pointerdown', (event) => clickedOutside(event)?.close());
  document.addEventListener('click', (event) => {
    hit(event, '[data-close]')?.closest('dialog')?.close();
    const id = hit(event, '[data-opens]')?.dataset.opens;
    const dialog = id ? document.getElementById(id) : null;
    if (dialog instanceof HTMLDialogElement) dialog.showModal();
  });
}
