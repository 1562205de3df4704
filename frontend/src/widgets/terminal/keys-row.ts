/** Keys that a phone's keyboard lacks: Esc, Tab, Ctrl (for the next letter) and arrows. */
import { type ScreenKey, screenKey, withCtrl } from '../../core/terminal-keys';
import { el } from '../../dom/elements';
import { hit } from '../../dom/listen';
import type { Pane } from './pane';

const KEYS: ReadonlyArray<readonly [ScreenKey | 'Control' | '-' | '/' | '|', string, string]> = [
  ['Escape', 'Esc', 'Esc'],
  ['Tab', 'Tab', 'Tab'],
  ['Control', 'Ctrl', 'Ctrl'],
  ['-', '-', 'Minus'],
  ['/', '/', 'Slash'],
  ['|', '|', 'Pipe'],
  ['ArrowLeft', '←', 'Left'],
  ['ArrowUp', '↑', 'Up'],
  ['ArrowDown', '↓', 'Down'],
  ['ArrowRight', '→', 'Right'],
];

export class KeysRow {
  readonly element = el('div', { class: 'term-keys', role: 'toolbar', 'aria-label': 'Keys' });
  #ctrl: HTMLButtonElement;

  constructor(readonly focused: () => Pane | null) {
    const buttons = KEYS.map(([key, text, label]) =>
      el('button', { type: 'button', class: 'btn sm', 'data-key': key, 'aria-label': label }, text),
    );
    this.#ctrl = buttons[2] as HTMLButtonElement;
    this.#hold(false);
    this.element.append(...buttons);
    // The focus, and with it the phone's own keyboard, stays in the terminal.
    this.element.addEventListener('pointerdown', (event) => event.preventDefault());
    this.element.addEventListener('click', (event) => this.#onClick(event));
  }

  /** Typed text, with Ctrl if that is held; it is released by the text. */
  transform(data: string): string {
    if (this.#ctrl.ariaPressed !== 'true') return data;
    this.#hold(false);
    return withCtrl(data);
  }

  #onClick(event: Event): void {
    const key = hit(event, '[data-key]')?.dataset.key;
    const pane = this.focused();
    if (key === undefined || pane === null) return;
    const held = this.#ctrl.ariaPressed === 'true';
    if (key === 'Control') this.#hold(!held);
    else if (key.length === 1) pane.input(this.transform(key));
    else {
      const { applicationCursorKeysMode } = pane.screen.terminal.modes;
      this.#hold(false);
      pane.input(screenKey(key as ScreenKey, applicationCursorKeysMode, held));
    }
    pane.focus();
  }

  #hold(on: boolean): void {
    this.#ctrl.ariaPressed = String(on);
  }
}
