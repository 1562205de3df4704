/** Which terminals are side by side, and which tab is in front: tabs of up to four panes each. */

export const MOST_PANES = 4;

export class Layout<T extends object> {
  #tabs: T[][] = [];
  #focused: T | null = null;

  get tabs(): ReadonlyArray<readonly T[]> {
    return this.#tabs;
  }

  get all(): readonly T[] {
    return this.#tabs.flat();
  }

  /** The pane that gets the keys. */
  get focused(): T | null {
    return this.#focused;
  }

  /** The panes that can be seen. */
  get visible(): readonly T[] {
    return this.#tabOf(this.#focused) ?? [];
  }

  get canSplit(): boolean {
    return this.visible.length > 0 && this.visible.length < MOST_PANES;
  }

  /** A new tab behind the last. */
  add(pane: T): void {
    this.#tabs.push([pane]);
    this.#focused = pane;
  }

  /** Beside the focused pane; a new tab when its tab is full. */
  split(pane: T): void {
    const tab = this.#tabOf(this.#focused);
    if (tab === undefined || tab.length >= MOST_PANES) this.add(pane);
    else {
      tab.splice(tab.indexOf(this.#focused as T) + 1, 0, pane);
      this.#focused = pane;
    }
  }

  focus(pane: T): void {
    if (this.#tabOf(pane)) this.#focused = pane;
  }

  /** Takes a pane out; its neighbour gets the focus. */
  remove(pane: T): void {
    const all = this.all;
    const index = all.indexOf(pane);
    if (index < 0) return;
    const tab = this.#tabOf(pane) as T[];
    const at = tab.indexOf(pane);
    tab.splice(at, 1);
    this.#tabs = this.#tabs.filter((other) => other.length > 0);
    if (this.#focused !== pane) return;
    this.#focused = tab[Math.min(at, tab.length - 1)] ?? all[index + 1] ?? all[index - 1] ?? null;
  }

  /** The tab `step` further, round the end. */
  turn(step: number): void {
    const tabs = this.#tabs;
    if (tabs.length === 0) return;
    const at = tabs.findIndex((tab) => tab.includes(this.#focused as T));
    this.#focused = tabs[(at + step + tabs.length) % tabs.length]?.[0] ?? null;
  }

  #tabOf(pane: T | null): T[] | undefined {
    return pane === null ? undefined : this.#tabs.find((tab) => tab.includes(pane));
  }
}
