/** Lines picked by the reader (by their times, or with j and k), and what can be done with them. */
import { el, icon } from '../../dom/elements';

export class Picking {
  #from: number | null = null;
  #to: number | null = null;

  constructor(readonly changed: (before: readonly number[], after: readonly number[]) => void) {}

  /** First and last picked line in rising order, null if there is none. */
  get range(): readonly [first: number, last: number] | null {
    if (this.#from === null || this.#to === null) return null;
    return [Math.min(this.#from, this.#to), Math.max(this.#from, this.#to)];
  }

  /** The line that was picked last: where j and k go on. */
  get head(): number | null {
    return this.#to;
  }

  has(line: number): boolean {
    const { range } = this;
    return range !== null && line >= range[0] && line <= range[1];
  }

  /** Picks a line; `extend` picks everything between it and the one picked before. A second click lets go. */
  pick(line: number, extend: boolean): void {
    const before = this.#lines();
    const again = !extend && this.#from === line && this.#to === line;
    if (again) this.#from = this.#to = null;
    else {
      if (!extend || this.#from === null) this.#from = line;
      this.#to = line;
    }
    this.changed(before, this.#lines());
  }

  clear(): void {
    const before = this.#lines();
    this.#from = this.#to = null;
    if (before.length > 0) this.changed(before, []);
  }

  /** The ends are enough for what is on screen to be drawn anew; thousands of lines between are not listed. */
  #lines(): number[] {
    const { range } = this;
    if (range === null) return [];
    const lines: number[] = [];
    for (let line = range[0]; line <= range[1] && lines.length < 2_000; line++) lines.push(line);
    return lines;
  }
}

/** The buttons that appear on a line under the pointer. */
export function lineActions(inContext: boolean): HTMLElement {
  const button = (action: string, label: string, name: string) =>
    el(
      'button',
      { type: 'button', class: 'btn icon sm', 'data-act': action, 'aria-label': label, title: label },
      icon(name, true),
    );
  const actions = el('span', { class: 'll-acts' }, button('copy', 'Copy the line', 'copy'));
  actions.append(button('link', 'Copy a link to the line', 'link'));
  if (inContext) actions.append(button('context', 'Show it among the others', 'maximize'));
  return actions;
}
