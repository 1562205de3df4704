/**
 * Menus on the Popover API: `<div popover class="menu" role="menu" id="m">` and a button with `popovertarget="m"`, or
 * with `data-menu="m"` where many buttons share one menu (rows of a list). The menu is placed by its button, arrows move,
 * letters jump, Escape and a choice close it and give the focus back. Before it opens, the menu gets a `menu:open`
 * event; dom/openers.ts knows the button, so that a shared menu can be filled for it.
 */
import { step } from '../core/palette';
import { hit } from '../dom/listen';
import { openers } from '../dom/openers';

const GAP = 4;
const MARGIN = 8;
const ITEM = '[role^=menuitem]:not([hidden], [aria-disabled=true])';

function items(menu: HTMLElement): HTMLElement[] {
  return [...menu.querySelectorAll<HTMLElement>(ITEM)];
}

/** Below the button and right-aligned with it; above where there is no room below. */
function place(menu: HTMLElement, opener: HTMLElement): void {
  const box = opener.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const alignStart = menu.dataset.align === 'start' ? box.left : box.right - width;
  const left = Math.max(MARGIN, Math.min(window.innerWidth - width - MARGIN, alignStart));
  const below = box.bottom + GAP;
  const fits = below + height <= window.innerHeight - MARGIN;
  menu.style.left = `${left}px`;
  menu.style.top = `${fits ? below : Math.max(MARGIN, box.top - height - GAP)}px`;
}

/** Stays with its button while the page scrolls or live rows move it, and goes when the button is out of sight. */
function follow(menu: HTMLElement, opener: HTMLElement): void {
  let last = opener.getBoundingClientRect();
  const look = () => {
    if (!menu.matches(':popover-open') || openers.get(menu) !== opener) return;
    const box = opener.getBoundingClientRect();
    const isVisible = opener.isConnected && box.bottom > 0 && box.top < window.innerHeight;
    if (!isVisible) {
      menu.hidePopover();
      return;
    }
    if (box.top !== last.top || box.left !== last.left) place(menu, opener);
    last = box;
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function onToggle(event: ToggleEvent): void {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches('.menu[popover]')) return;
  const opener = openers.get(menu);
  opener?.setAttribute('aria-expanded', String(event.newState === 'open'));
  if (event.newState !== 'open' || !opener) return;
  place(menu, opener);
  follow(menu, opener);
  // A menu of forms (columns, filters) starts at its first field; one of commands at its first command.
  (items(menu)[0] ?? menu.querySelector<HTMLElement>('input, select, button'))?.focus({
    preventScroll: true,
  });
}

/** Learns which button is about to open a menu, and makes a shared menu that button's own for the moment. */
function adopt(event: Event): void {
  const button = hit<HTMLButtonElement>(event, 'button[data-menu], button[popovertarget]');
  if (!button) return;
  const id = button.dataset.menu ?? button.getAttribute('popovertarget') ?? '';
  const menu = document.getElementById(id);
  if (!menu) return;
  if (button.dataset.menu !== undefined) button.popoverTargetElement = menu;
  if (menu.matches(':popover-open') && openers.get(menu) === button) return;
  openers.set(menu, button);
  menu.dispatchEvent(new CustomEvent('menu:open', { bubbles: true }));
}

function jump(all: HTMLElement[], from: number, letter: string): HTMLElement | undefined {
  const order = [...all.slice(from + 1), ...all.slice(0, from + 1)];
  return order.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter));
}

function onKey(event: KeyboardEvent): void {
  const menu = hit(event, '.menu[popover]');
  if (!menu || event.target instanceof HTMLInputElement) return;
  const all = items(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  const moves: Record<string, number> = {
    ArrowDown: step(at, 1, all.length),
    ArrowUp: step(at, at < 0 ? 0 : -1, all.length),
    Home: 0,
    End: all.length - 1,
  };
  const next = moves[event.key];
  const plain = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
  const target = next !== undefined ? all[next] : plain ? jump(all, at, event.key.toLowerCase()) : undefined;
  if (event.key === 'Tab') menu.hidePopover();
  if (target) target.focus();
  // Keys of an open menu never reach the page's shortcuts.
  if (target || (plain && event.key !== ' ')) event.preventDefault();
}

export function installMenus(): void {
  document.addEventListener('toggle', (event) => onToggle(event as ToggleEvent), true);
  document.addEventListener('pointerdown', adopt, true);
  document.addEventListener('click', adopt, true);
  document.addEventListener('keydown', onKey, true);
  document.addEventListener('click', (event) => {
    const item = hit(event, '.menu [role=menuitem]');
    item?.closest<HTMLElement>('.menu[popover]')?.hidePopover();
  });
}
