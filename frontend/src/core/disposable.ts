/** Something that holds listeners, timers or channels until it is told to let go. */
export interface Disposable {
  dispose(): void;
}

/** Collects what a widget must release; disposing twice is harmless. */
export class Disposables implements Disposable {
  #items: Array<() => void> = [];
  #disposed = false;

  /** Registers a release function or another disposable; runs it at once if this is already disposed. */
  add(item: Disposable | (() => void)): void {
    const release = typeof item === 'function' ? item : () => item.dispose();
    if (this.#disposed) release();
    else this.#items.push(release);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const release of this.#items.splice(0).reverse()) release();
  }
}
