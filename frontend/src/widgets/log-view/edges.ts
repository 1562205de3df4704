/** What stands before the first and after the last line: what is there beyond, and how to get it. */
import type { ViewState } from '../../core/logprotocol';
import { el, icon } from '../../dom/elements';

export class Edges {
  #top: HTMLElement | null = null;
  #topText = '';
  #bottom: HTMLElement | null = null;

  top(state: ViewState): HTMLElement | null {
    const text = topText(state);
    if (text !== this.#topText) {
      this.#topText = text;
      this.#top = text === '' ? null : el('div', { class: 'log-edge' }, ...parts(text, state.top));
    }
    return this.#top;
  }

  bottom(state: ViewState): HTMLElement | null {
    if (state.bottom !== 'more') return null;
    this.#bottom ??= el(
      'div',
      { class: 'log-edge' },
      'There are newer lines.',
      button('data-newer', 'Load them'),
      button('data-latest-line', 'Jump to latest'),
    );
    return this.#bottom;
  }
}

function topText(state: ViewState): string {
  if (state.top === 'loading') return 'Loading older lines…';
  if (state.top === 'limit') return 'The chosen range begins here.';
  if (state.top === 'start') return state.lines > 0 ? 'The log begins here.' : '';
  const dropped =
    state.dropped > 0 ? `${state.dropped.toLocaleString()} older lines were dropped to save memory.` : '';
  return state.lines > 0 ? dropped || 'There are older lines.' : '';
}

function parts(text: string, edge: ViewState['top']): Array<Node | string> {
  if (edge === 'more') return [text, button('data-older', 'Load older')];
  return edge === 'loading' ? [icon('refresh-cw', true), text] : [text];
}

function button(name: string, label: string): HTMLElement {
  return el('button', { type: 'button', class: 'btn sm', [name]: true }, label);
}
