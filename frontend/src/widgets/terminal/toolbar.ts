/** The bar over the terminals: a tab for each, and what can be done with the one in front. */
import type { Layout } from '../../core/terminal-layout';
import { el, icon } from '../../dom/elements';
import { hit } from '../../dom/listen';
import type { Pane } from './pane';

export type Action =
  | 'new'
  | 'custom'
  | 'split'
  | 'search'
  | 'copy'
  | 'paste'
  | 'larger'
  | 'smaller'
  | 'clear'
  | 'fullscreen'
  | 'reader'
  | 'eof'
  | 'close';

export interface ToolbarHost {
  readonly layout: Layout<Pane>;
  act(action: Action): void;
  show(pane: Pane): void;
  close(pane: Pane): void;
}

const MENU: ReadonlyArray<readonly [Action, string, string]> = [
  ['custom', 'sliders-horizontal', 'New session with…'],
  ['split', 'columns-3', 'Split'],
  ['paste', 'file-text', 'Paste'],
  ['larger', 'plus', 'Larger text'],
  ['smaller', 'chevron-down', 'Smaller text'],
  ['clear', 'x', 'Clear scrollback'],
  ['reader', 'eye', 'Screen reader support'],
  ['eof', 'arrow-down-to-line', 'End of input'],
  ['close', 'power', 'Close session'],
];

function button(action: Action, name: string, label: string): HTMLButtonElement {
  const attributes = { type: 'button', class: 'btn icon sm', 'data-act': action, title: label };
  return el('button', { ...attributes, 'aria-label': label }, icon(name));
}

export class Toolbar {
  readonly element: HTMLElement;
  readonly menu: HTMLElement;
  #tabs = el('div', { class: 'term-tabs', role: 'tablist', 'aria-label': 'Sessions' });
  #split = button('split', 'columns-3', 'Split');

  constructor(readonly host: ToolbarHost) {
    const more = el(
      'button',
      {
        type: 'button',
        class: 'btn icon sm',
        popovertarget: 'term-menu',
        'aria-haspopup': 'menu',
        'aria-label': 'More',
      },
      icon('ellipsis'),
    );
    this.element = el(
      'div',
      { class: 'term-bar' },
      this.#tabs,
      button('new', 'plus', 'New session'),
      el('span', { class: 'grow' }),
      button('search', 'search', 'Search'),
      button('copy', 'copy', 'Copy'),
      this.#split,
      button('fullscreen', 'maximize', 'Full screen'),
      more,
    );
    this.menu = el('div', {
      popover: true,
      class: 'menu',
      role: 'menu',
      id: 'term-menu',
      'aria-label': 'Session',
    });
    for (const [action, name, label] of MENU) {
      const item = { type: 'button', role: 'menuitem', 'data-act': action } as const;
      this.menu.append(el('button', item, icon(name), label));
    }
    this.#listen();
  }

  /** Tabs as the layout has them; called whenever something changed. */
  refresh(): void {
    const { layout } = this.host;
    const tabs = layout.tabs.map((panes, index) => this.#tab(panes, index));
    const had = this.#tabs.contains(document.activeElement);
    this.#tabs.replaceChildren(...tabs);
    this.#split.disabled = !layout.canSplit;
    if (had) this.#tabs.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
  }

  #tab(panes: readonly Pane[], index: number): HTMLElement {
    const { layout } = this.host;
    const selected = layout.focused !== null && panes.includes(layout.focused);
    const attributes = { type: 'button', class: 'tt', role: 'tab', 'data-tab': String(index) };
    const state = { 'aria-selected': String(selected), tabindex: selected ? '0' : '-1' };
    const over = panes.every(({ session }) => session.phase === 'ended' || session.phase === 'failed');
    const label = el('span', {}, panes.map((pane) => pane.title).join(' · '));
    const close = el(
      'span',
      { class: 'tt-x', 'data-close-tab': String(index), 'aria-hidden': 'true' },
      icon('x', true),
    );
    const tab = el(
      'button',
      { ...attributes, ...state, 'aria-controls': 'term-panes' },
      icon('square-terminal'),
      label,
    );
    if (layout.tabs.length > 1 || panes.length > 1) tab.append(close);
    tab.classList.toggle('is-over', over);
    return tab;
  }

  #listen(): void {
    const act = (event: Event) => {
      const action = hit(event, '[data-act]')?.dataset.act;
      if (action) this.host.act(action as Action);
    };
    this.element.addEventListener('click', act);
    this.menu.addEventListener('click', act);
    this.#tabs.addEventListener('click', (event) => this.#onTab(event));
    this.#tabs.addEventListener('auxclick', (event) => {
      const panes = this.#panesOf(hit(event, '[data-tab]')?.dataset.tab);
      if (event.button === 1 && panes) for (const pane of [...panes]) this.host.close(pane);
    });
    this.#tabs.addEventListener('keydown', (event) => this.#onKey(event));
  }

  #panesOf(index: string | undefined): readonly Pane[] | undefined {
    return index === undefined ? undefined : this.host.layout.tabs[Number(index)];
  }

  #onTab(event: Event): void {
    const closing = this.#panesOf(hit(event, '[data-close-tab]')?.dataset.closeTab);
    if (closing) {
      for (const pane of [...closing]) this.host.close(pane);
      return;
    }
    const [first] = this.#panesOf(hit(event, '[data-tab]')?.dataset.tab) ?? [];
    if (first) this.host.show(first);
  }

  /** Tabs as the ARIA pattern has them: arrows move, Delete closes. */
  #onKey(event: KeyboardEvent): void {
    const { layout } = this.host;
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step !== undefined) {
      layout.turn(step);
      this.refresh();
      this.#tabs.querySelector<HTMLElement>('[aria-selected=true]')?.focus();
      return;
    }
    const panes = this.#panesOf(hit(event, '[data-tab]')?.dataset.tab);
    if (event.key === 'Delete' && panes) for (const pane of [...panes]) this.host.close(pane);
  }
}
