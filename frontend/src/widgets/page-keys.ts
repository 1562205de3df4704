/** Shortcuts that every page has: `/` to its filter, `g` and a letter to the sections of the sidebar. */
import { addShortcuts } from '../dom/keyboard';

const SECTIONS: ReadonlyArray<readonly [letter: string, path: string, words: string]> = [
  ['o', '/', 'Overview'],
  ['c', '/containers/', 'Containers'],
  ['i', '/images/', 'Images'],
  ['v', '/volumes/', 'Volumes'],
  ['n', '/networks/', 'Networks'],
  ['e', '/events/', 'Events'],
];

function focusFilter(): boolean | undefined {
  const field = document.querySelector<HTMLInputElement>(
    '[data-filter], [data-quick-filter], [data-find-in-page], main .tools input[type=search]',
  );
  if (!field || field.closest('[hidden]')) return false;
  field.focus();
  field.select();
  return undefined;
}

export function installPageKeys(): void {
  addShortcuts({ keys: '/', group: 'Everywhere', does: 'Go to the filter', run: focusFilter });
  for (const [letter, path, words] of SECTIONS) {
    if (!document.querySelector(`.side a[href="${path}"]`)) continue;
    addShortcuts({
      keys: `g ${letter}`,
      group: 'Go to',
      does: words,
      run: () => {
        location.assign(path);
        return undefined;
      },
    });
  }
}
