/** The list's keys. The focused row is the cursor: what has the focus is what `x`, `l`, `t` and Enter are about. */
import type { Shortcut } from '../../core/keyboard';
import type { Picks } from './picks';
import { shortId } from './rows';

const GROUP = 'List';

function focusedRow(): HTMLTableRowElement | null {
  return document.activeElement?.closest<HTMLTableRowElement>('tr.row') ?? null;
}

function move(table: HTMLTableElement, by: 1 | -1): boolean | undefined {
  const rows = [...table.querySelectorAll<HTMLElement>('tbody:not([hidden]) tr.row:not([hidden])')];
  if (rows.length === 0) return false;
  const current = focusedRow();
  const at = current ? rows.indexOf(current) + by : by === 1 ? 0 : rows.length - 1;
  const link = rows[Math.max(0, Math.min(rows.length - 1, at))]?.querySelector<HTMLElement>('.c-name a');
  link?.focus({ preventScroll: true });
  link?.closest('tr')?.scrollIntoView({ block: 'nearest' });
  return undefined;
}

function follow(selector: string): boolean | undefined {
  const link = focusedRow()?.querySelector<HTMLElement>(selector);
  if (!link) return false;
  link.click();
  return undefined;
}

export function listShortcuts(table: HTMLTableElement, picks: Picks): Shortcut[] {
  const toggle = () => {
    const id = focusedRow()?.dataset.id;
    if (!id) return false;
    picks.toggle(shortId(id));
    return undefined;
  };
  const clear = () => {
    if (picks.selection.size === 0) return false;
    picks.clear();
    return undefined;
  };
  return [
    { keys: 'j', group: GROUP, does: 'Next row', run: () => move(table, 1) },
    { keys: 'k', group: GROUP, does: 'Previous row', run: () => move(table, -1) },
    { keys: 'x', group: GROUP, does: 'Select the row', run: toggle },
    { keys: 'Escape', group: GROUP, does: 'Clear the selection', run: clear },
    { keys: 'l', group: GROUP, does: 'Logs of the row', run: () => follow('.c-act a[href$="/logs/"]') },
    {
      keys: 't',
      group: GROUP,
      does: 'Terminal in the row',
      run: () => follow('.c-act a[href$="/terminal/"]'),
    },
    { keys: '.', group: GROUP, does: 'More actions', run: () => follow('[data-menu]') },
  ];
}
