/** The search field over the terminals: Enter finds the next, Shift-Enter the previous, Escape closes. */
import { el, icon } from '../../dom/elements';

export interface SearchHost {
  find(text: string, backwards: boolean, incremental: boolean): void;
  closed(): void;
}

export class SearchBar {
  readonly element: HTMLElement;
  #field = el('input', {
    class: 'input',
    type: 'search',
    placeholder: 'Find…',
    'aria-label': 'Find in the terminal',
  });
  #hits = el('span', { class: 'hits', role: 'status' });

  constructor(readonly host: SearchHost) {
    const close = this.#button('x', 'Close search', () => this.close());
    this.element = el(
      'div',
      { class: 'term-search', hidden: true },
      this.#field,
      this.#hits,
      this.#button('arrow-up', 'Previous', () => this.#find(true)),
      this.#button('arrow-down', 'Next', () => this.#find(false)),
      close,
    );
    this.#field.addEventListener('input', () => this.host.find(this.#field.value, true, true));
    this.#field.addEventListener('keydown', (event) => this.#onKey(event));
  }

  open(): void {
    this.element.hidden = false;
    this.#field.focus();
    this.#field.select();
  }

  close(): void {
    if (this.element.hidden) return;
    this.element.hidden = true;
    this.host.closed();
  }

  found(index: number, count: number): void {
    const none = this.#field.value ? 'nothing found' : '';
    this.#hits.textContent = count > 0 ? `${index >= 0 ? index + 1 : '–'} of ${count}` : none;
  }

  #find(backwards: boolean): void {
    this.host.find(this.#field.value, backwards, false);
  }

  #button(name: string, label: string, action: () => void): HTMLButtonElement {
    const button = el(
      'button',
      { type: 'button', class: 'btn icon sm', 'aria-label': label },
      icon(name, true),
    );
    button.addEventListener('click', action);
    return button;
  }

  #onKey(event: KeyboardEvent): void {
    if (event.key === 'Enter') this.#find(!event.shiftKey);
    else if (event.key === 'Escape') this.close();
    else return;
    event.preventDefault();
  }
}
