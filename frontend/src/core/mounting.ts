/** Which widgets to mount and which to let go, worked out from the elements that ask for one. */
import type { Disposable } from './disposable';

interface Mounted {
  name: string;
  handle: Disposable | null;
}

/**
 * Keeps one mounted widget per element. `E` is an element type; the DOM stays outside.
 *
 * `load` resolves a widget's mount function by name, or returns null for an unknown name.
 */
export class WidgetKeeper<E extends object> {
  #mounted = new Map<E, Mounted>();

  constructor(
    readonly load: (name: string) => Promise<(element: E) => Disposable> | null,
    readonly failed: (name: string, error: unknown) => void,
  ) {}

  /** Brings the mounted set in line with the elements now in the document, each with its widget's name. */
  reconcile(wanted: ReadonlyMap<E, string>): void {
    for (const [element, entry] of [...this.#mounted]) {
      if (wanted.get(element) !== entry.name) this.#unmount(element, entry);
    }
    for (const [element, name] of wanted) {
      if (!this.#mounted.has(element)) void this.#mount(element, name);
    }
  }

  async #mount(element: E, name: string): Promise<void> {
    const entry: Mounted = { name, handle: null };
    this.#mounted.set(element, entry);
    try {
      const loading = this.load(name);
      if (loading === null) throw new Error(`there is no widget called “${name}”`);
      const mount = await loading;
      // It may have left the document while its code was loading.
      if (this.#mounted.get(element) === entry) entry.handle = mount(element);
    } catch (error) {
      this.failed(name, error);
    }
  }

  #unmount(element: E, entry: Mounted): void {
    this.#mounted.delete(element);
    try {
      entry.handle?.dispose();
    } catch (error) {
      this.failed(entry.name, error);
    }
  }
}
