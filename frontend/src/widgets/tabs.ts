/** Brings the tab of the page into sight where the row of tabs is wider than the screen. */
export function installTabs(): void {
  for (const tab of document.querySelectorAll<HTMLElement>('.tabs [aria-current="page"]')) {
    const row = tab.closest<HTMLElement>('.tabs');
    if (row) row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }
}
