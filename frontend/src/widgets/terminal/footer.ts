/** The line under the terminals: what the one in front is and how it is doing. */
import { joinCommand } from '../../core/terminal-argv';
import { statusOf } from '../../core/terminal-words';
import { el } from '../../dom/elements';
import type { Pane } from './pane';

function put(node: HTMLElement, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export class Footer {
  readonly element: HTMLElement;
  #dot = el('i', { class: 'dot' });
  #status = el('span', {}, '');
  #live = el('span', { class: 'live' }, this.#dot, this.#status);
  #size = el('span');
  #user = el('span', { class: 'hide-s' });
  #command = el('span', { class: 'hide-s term-command' });
  #latency = el('span', { title: 'Time to the server and back' });

  constructor() {
    const grow = el('span', { class: 'grow' });
    this.element = el(
      'div',
      { class: 'logfoot' },
      this.#live,
      this.#size,
      this.#user,
      this.#command,
      grow,
      this.#latency,
    );
  }

  show(pane: Pane | null): void {
    this.element.hidden = pane === null;
    if (pane === null) return;
    const { session, screen } = pane;
    const status = statusOf(session);
    this.#dot.className = `dot ${status.tone}`;
    this.#live.dataset.tone = status.tone;
    put(this.#status, status.text);
    put(this.#size, session.facts?.tty === false ? 'no tty' : `${screen.size.cols} × ${screen.size.rows}`);
    put(this.#user, session.facts ? `user ${session.facts.user}` : '');
    put(this.#command, session.facts ? joinCommand(session.facts.command) : '');
    put(this.#latency, session.latency === null ? '' : `${Math.max(1, Math.round(session.latency))} ms`);
  }
}
