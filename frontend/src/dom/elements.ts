/** Small helpers to build nodes without HTML strings: text stays text. */

type Attributes = Readonly<Record<string, string | boolean>>;

function assign(node: Element, attributes: Attributes, children: ReadonlyArray<Node | string>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) node.setAttribute(name, '');
    else if (value !== false) node.setAttribute(name, value);
  }
  node.append(...children);
}

/** `el('button', { class: 'btn' }, 'Stop')`; an attribute that is `true` is set empty, `false` leaves it out. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Node | string>
): HTMLElementTagNameMap[K] {
  const node = document.createElement(tag);
  assign(node, attributes, children);
  return node;
}

/** The same for SVG. */
export function svg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: ReadonlyArray<Node | string>
): SVGElementTagNameMap[K] {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  assign(node, attributes, children);
  return node;
}

/** The sprite's address as the page itself uses it (it carries the release's hash). */
let sprite: string | undefined;
function spriteUrl(): string {
  const used = document.querySelector('svg.i use')?.getAttribute('href')?.split('#')[0];
  sprite ??= used || new URL('./icons.svg', import.meta.url).href;
  return sprite;
}

/** An icon of the sprite; `small` is the 14 px size. Hidden from assistive technology: label the button instead. */
export function icon(name: string, small = false): SVGSVGElement {
  const use = svg('use', { href: `${spriteUrl()}#${name}` });
  return svg('svg', { class: small ? 'i s' : 'i', 'aria-hidden': 'true' }, use);
}
