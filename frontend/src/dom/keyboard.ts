import type { Disposable } from '../core/disposable';
import { Keymap, type Shortcut } from '../core/keyboard';

const keymap = new Keymap();

/** Fields, editors and terminals take plain keys as text; so does everything outside an open modal dialog. */
function isTyping(target: EventTarget | null): boolean {
  if (document.querySelector('dialog:modal') !== null) return true;
  if (!(target instanceof Element)) return false;
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'range'].includes(target.type);
  return target.closest('textarea, select, [contenteditable], .xterm, [data-keys="own"]') !== null;
}

export function installKeyboard(): void {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const ran = keymap.press({
      key: event.key,
      mod: event.ctrlKey || event.metaKey,
      alt: event.altKey,
      at: event.timeStamp,
      typing: isTyping(event.composedPath()[0] ?? event.target),
    });
    if (ran) event.preventDefault();
  });
}

export function addShortcuts(...shortcuts: Shortcut[]): Disposable {
  return { dispose: keymap.add(...shortcuts) };
}

export function allShortcuts(): readonly Shortcut[] {
  return keymap.all;
}
