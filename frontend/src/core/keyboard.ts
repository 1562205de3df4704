/** Keyboard shortcuts: single keys (`/`, `?`, `j`), chords with Ctrl or ⌘ (`mod+k`) and sequences (`g c`). */

export interface KeyPress {
  readonly key: string;
  /** Ctrl, or ⌘ on a Mac. */
  readonly mod: boolean;
  readonly alt: boolean;
  /** Milliseconds, any origin. */
  readonly at: number;
  /** The focus is in a field: plain keys are text there, chords are not. */
  readonly typing: boolean;
}

export interface Shortcut {
  /** `j`, `mod+k`, `g c`; letters are lower case, Shift is in the character itself (`?`). */
  readonly keys: string;
  /** For the help; a shortcut without words is an alias and is not listed. */
  readonly does?: string;
  readonly group: string;
  /** Returns false when it does not apply here, so that the key keeps its own meaning. */
  run(): boolean | undefined;
}

const SEQUENCE_WITHIN = 1_000;

export class Keymap {
  #shortcuts: Shortcut[] = [];
  #prefix = '';
  #prefixAt = 0;

  /** Later ones win over earlier ones of the same keys; the result removes what was added. */
  add(...shortcuts: Shortcut[]): () => void {
    this.#shortcuts.push(...shortcuts);
    return () => {
      this.#shortcuts = this.#shortcuts.filter((each) => !shortcuts.includes(each));
    };
  }

  get all(): readonly Shortcut[] {
    return this.#shortcuts;
  }

  /** Takes a key press; true when a shortcut ran (or a sequence began) and the key must do nothing else. */
  press(press: KeyPress): boolean {
    const key = press.key.length === 1 ? press.key.toLowerCase() : press.key;
    const name = press.mod ? `mod+${key}` : key;
    if (press.alt || (press.typing && !press.mod)) {
      this.#prefix = '';
      return false;
    }
    const sequence =
      press.at - this.#prefixAt <= SEQUENCE_WITHIN && this.#prefix ? `${this.#prefix} ${name}` : name;
    this.#prefix = '';
    if (this.#run(sequence) || (sequence !== name && this.#run(name))) return true;
    if (this.#shortcuts.some((each) => each.keys.startsWith(`${name} `))) {
      this.#prefix = name;
      this.#prefixAt = press.at;
    }
    return false;
  }

  #run(keys: string): boolean {
    for (const shortcut of [...this.#shortcuts].reverse()) {
      if (shortcut.keys === keys && shortcut.run() !== false) return true;
    }
    return false;
  }
}
