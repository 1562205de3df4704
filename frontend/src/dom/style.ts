/** Style sheets that come with a lazily loaded widget. Constructed sheets need no inline style, so no CSP exception. */
const adopted = new Set<string>();

/** Applies a vendor's sheet to the page, once, in the lowest layer: the page's own rules win over it. */
export function adoptStyle(css: string): void {
  if (adopted.has(css)) return;
  adopted.add(css);
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`@layer reset{${css}}`);
  document.adoptedStyleSheets.push(sheet);
}

/** What a CSS colour (a variable, `light-dark()`) is on this element right now, for a canvas. */
export function colorOf(element: HTMLElement, color: string): string {
  const probe = document.createElement('i');
  probe.style.color = color;
  element.append(probe);
  const computed = getComputedStyle(probe).color;
  probe.remove();
  return computed;
}
