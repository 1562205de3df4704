/** Which rows are ticked, with the shift-click range that mail programs have. */
export class Selection {
  #chosen = new Set<string>();
  #anchor: string | null = null;

  get size(): number {
    return this.#chosen.size;
  }

  get ids(): string[] {
    return [...this.#chosen];
  }

  has(id: string): boolean {
    return this.#chosen.has(id);
  }

  /** Ticks or unticks one row; the next range starts here. */
  set(id: string, on: boolean): void {
    if (on) this.#chosen.add(id);
    else this.#chosen.delete(id);
    this.#anchor = id;
  }

  toggle(id: string): void {
    this.set(id, !this.#chosen.has(id));
  }

  /** Sets everything between the last changed row and `id`, in the order on screen, to `on`. */
  range(id: string, on: boolean, order: readonly string[]): void {
    const from = this.#anchor === null ? -1 : order.indexOf(this.#anchor);
    const to = order.indexOf(id);
    if (from < 0 || to < 0) {
      this.set(id, on);
      return;
    }
    for (const each of order.slice(Math.min(from, to), Math.max(from, to) + 1)) this.set(each, on);
    this.#anchor = id;
  }

  setAll(ids: Iterable<string>, on: boolean): void {
    for (const id of ids) {
      if (on) this.#chosen.add(id);
      else this.#chosen.delete(id);
    }
  }

  clear(): void {
    this.#chosen.clear();
  }

  /** Forgets a row that is gone. */
  forget(id: string): void {
    this.#chosen.delete(id);
    if (this.#anchor === id) this.#anchor = null;
  }
}
