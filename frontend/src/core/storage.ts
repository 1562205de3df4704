/** The little that a browser remembers for its user: theme, density, columns. Never data. */

export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/**
 * A store that never throws: where the browser refuses storage (private windows, quotas) the choice holds for
 * this page only, which is all that can be done.
 */
export class Preferences {
  #memory = new Map<string, string>();

  constructor(readonly open: () => KeyValueStore) {}

  get(key: string): string | null {
    try {
      return this.open().getItem(key) ?? this.#memory.get(key) ?? null;
    } catch {
      return this.#memory.get(key) ?? null;
    }
  }

  set(key: string, value: string): void {
    this.#memory.set(key, value);
    try {
      this.open().setItem(key, value);
    } catch {
      // kept in memory above
    }
  }
}
