/** Which button opened a menu: a menu that many buttons share is about the last of them. Written by widgets/menus.ts. */
export const openers = new WeakMap<Element, HTMLElement>();
