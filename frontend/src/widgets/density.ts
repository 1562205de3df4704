/** `[data-density]` switches every table between 44 px and 32 px rows; the browser remembers it. */

import { hit } from '../dom/listen';
import { preferences } from '../dom/preferences';

const root = document.documentElement;

function isCompact(): boolean {
  return root.dataset.density === 'compact';
}

function describe(): void {
  for (const button of document.querySelectorAll('[data-density]:not(html)')) {
    button.setAttribute('aria-pressed', String(isCompact()));
  }
}

export function toggleDensity(): void {
  if (isCompact()) delete root.dataset.density;
  else root.dataset.density = 'compact';
  preferences.set('density', isCompact() ? 'compact' : '');
  describe();
}

export function installDensity(): void {
  document.addEventListener('click', (event) => {
    if (hit(event, '[data-density]:not(html)')) toggleDensity();
  });
  document.addEventListener('htmx:after:settle', describe);
  describe();
}
