/**
 * Theme: automatic (the system's), light or dark; `[data-theme-toggle]` goes round the three.
 * The choice is stored under `theme`; assets/theme.js applies it before the first paint.
 */
import { Emitter } from '../core/emitter';
import { icon } from '../dom/elements';
import { preferences } from '../dom/preferences';
import type { Theme, ThemeSource } from '../registry';

const NEXT = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const ICONS = { auto: 'monitor', light: 'sun', dark: 'moon' } as const;
const LABELS = { auto: 'as the system', light: 'light', dark: 'dark' } as const;
type Choice = keyof typeof NEXT;

const system = matchMedia('(prefers-color-scheme: dark)');
const changes = new Emitter<Theme>();

function choice(): Choice {
  const chosen = document.documentElement.dataset.theme;
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

export const themeSource: ThemeSource = {
  get current() {
    const chosen = choice();
    if (chosen !== 'auto') return chosen;
    return system.matches ? 'dark' : 'light';
  },
  onChange: (callback) => changes.on(callback),
};

function describe(): void {
  const label = `Theme: ${LABELS[choice()]}. Switch to ${LABELS[NEXT[choice()]]}`;
  for (const button of document.querySelectorAll<HTMLElement>('[data-theme-toggle]')) {
    button.setAttribute('aria-label', label);
    button.title = label;
    button.querySelector('svg')?.replaceWith(icon(ICONS[choice()]));
  }
}

/** Goes to the next of automatic, light, dark. */
export function cycleTheme(): void {
  const next = NEXT[choice()];
  if (next === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  preferences.set('theme', next);
  describe();
  changes.emit(themeSource.current);
}

export function installTheme(): void {
  document.addEventListener('click', (event) => {
    if ((event.target as Element).closest('[data-theme-toggle]')) cycleTheme();
  });
  system.addEventListener('change', () => {
    if (choice() === 'auto') changes.emit(themeSource.current);
  });
  describe();
}
