/** Keeps the ages on the page (dom/ages.ts) up to date, once a second while somebody can see them. */
import { tellAges } from '../dom/ages';

const TICK_MS = 1_000;

export function installAges(): void {
  tellAges(document);
  document.addEventListener('htmx:after:settle', () => tellAges(document));
  window.setInterval(() => {
    if (document.visibilityState === 'visible') tellAges(document);
  }, TICK_MS);
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') tellAges(document);
  });
}
