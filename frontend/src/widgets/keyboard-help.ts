/** `?` (and `[data-keyboard-help]`) lists the shortcuts that work on this page. */
import type { Shortcut } from '../core/keyboard';
import { el, icon } from '../dom/elements';
import { addShortcuts, allShortcuts } from '../dom/keyboard';
import { hit } from '../dom/listen';

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);
const NAMES: Readonly<Record<string, string>> = {
  mod: isMac ? '⌘' : 'Ctrl',
  Enter: '↵',
  ArrowUp: '↑',
  ArrowDown: '↓',
};

function keyCaps(keys: string): Node[] {
  const caps = keys
    .split(/[ +]/)
    .map((key) => el('kbd', {}, NAMES[key] ?? (key.length === 1 ? key.toUpperCase() : key)));
  return caps.flatMap((cap, i) =>
    i > 0 && keys.includes(' ') ? [document.createTextNode(' then '), cap] : [cap],
  );
}

function groups(shortcuts: readonly Shortcut[]): Map<string, Shortcut[]> {
  const byGroup = new Map<string, Shortcut[]>();
  for (const shortcut of shortcuts) {
    if (!shortcut.does) continue;
    byGroup.set(shortcut.group, [...(byGroup.get(shortcut.group) ?? []), shortcut]);
  }
  return byGroup;
}

export function showKeyboardHelp(): void {
  const sections = Array.from(groups(allShortcuts()), ([title, shortcuts]) =>
    el(
      'section',
      {},
      el('h3', {}, title),
      el(
        'dl',
        {},
        ...shortcuts.flatMap((each) => [el('dt', {}, ...keyCaps(each.keys)), el('dd', {}, each.does ?? '')]),
      ),
    ),
  );
  const close = el(
    'button',
    { type: 'button', class: 'btn icon', 'data-close': true, 'aria-label': 'Close' },
    icon('x'),
  );
  const dialog = el(
    'dialog',
    { class: 'dialog keys', 'aria-labelledby': 'keys-title' },
    el('header', {}, el('h2', { id: 'keys-title' }, 'Keyboard shortcuts'), close),
    el('div', { class: 'keys-list' }, ...sections),
  );
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

export function installKeyboardHelp(): void {
  document.addEventListener('click', (event) => {
    if (hit(event, '[data-keyboard-help]')) showKeyboardHelp();
  });
  addShortcuts({
    keys: '?',
    group: 'Everywhere',
    does: 'Show these shortcuts',
    run: () => {
      showKeyboardHelp();
      return undefined;
    },
  });
}
