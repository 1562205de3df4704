import type { Disposable } from '../core/disposable';

/** Adds a listener and returns what removes it. */
export function listen<K extends keyof HTMLElementEventMap>(
  target: EventTarget,
  type: K,
  listener: (event: HTMLElementEventMap[K]) => void,
  options: AddEventListenerOptions = {},
): Disposable {
  const handler = listener as EventListener;
  target.addEventListener(type, handler, options);
  return { dispose: () => target.removeEventListener(type, handler, options) };
}

/** The element a click was meant for, if it or an ancestor matches. */
export function hit<E extends HTMLElement = HTMLElement>(event: Event, selector: string): E | null {
  return event.target instanceof Element ? event.target.closest<E>(selector) : null;
}
