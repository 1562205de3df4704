/** One terminal on the page: the screen, its session, and what is said about both. */
import { preview } from '../../core/terminal-clipboard';
import type { DrawingOrder } from '../../core/terminal-flow';
import type { TerminalCommand } from '../../core/terminal-keys';
import type { Remembered } from '../../core/terminal-memory';
import { type TerminalRequest, TerminalSession } from '../../core/terminal-session';
import { noteOf } from '../../core/terminal-words';
import { copyText } from '../../dom/clipboard';
import { el } from '../../dom/elements';
import type { Ctx } from '../../registry';
import { Screen } from './screen';

const FIT_AFTER_MS = 40;
const RESIZE_AFTER_MS = 60;

export type PaneCommand = TerminalCommand | { readonly open: string };

export interface PaneHost {
  readonly ctx: Ctx;
  readonly order: DrawingOrder;
  readonly fontSize: number;
  readonly screenReader: boolean;
  /** What typed text becomes: Ctrl may be held on the on-screen keys. */
  transform(data: string): string;
  changed(pane: Pane): void;
  focused(pane: Pane): void;
  close(pane: Pane): void;
  command(command: PaneCommand, pane: Pane): void;
  found(index: number, count: number): void;
}

export class Pane {
  readonly element = el('div', { class: 'pane', role: 'group' });
  readonly screen: Screen;
  session: TerminalSession;
  #note = el('div', { class: 'term-note', role: 'status', hidden: true });
  #offer = el('div', { class: 'term-note', role: 'status', hidden: true });
  #line = el('input', { class: 'input mono', 'aria-label': 'Standard input', autocomplete: 'off' });
  #inputRow: HTMLFormElement;
  #observer: ResizeObserver;
  #fitTimer = 0;
  #resizeTimer = 0;
  #whenOver: (() => void) | null = null;

  constructor(
    readonly request: TerminalRequest,
    readonly host: PaneHost,
  ) {
    const place = el('div', { class: 'xt-screen' }); // without padding: xterm takes its whole height
    this.#inputRow = this.#buildInputRow();
    this.element.append(el('div', { class: 'xt' }, place), this.#offer, this.#inputRow, this.#note);
    this.screen = new Screen(place, this.#screenHost(), host.fontSize);
    this.screen.screenReader = host.screenReader;
    this.session = this.#newSession();
    this.#observer = new ResizeObserver(() => this.#fitSoon());
    this.#observer.observe(place);
    this.element.addEventListener('focusin', () => host.focused(this));
    this.element.addEventListener('keydown', (event) => this.#onKey(event), { capture: true });
  }

  /** Shows the screen and starts, or comes back to what was remembered. The element must be in the page. */
  start(remembered?: Remembered): void {
    this.screen.open();
    const begin = () => {
      this.session.open(remembered?.place);
      this.refresh();
    };
    if (remembered?.screen) this.screen.restore(remembered.screen, remembered, begin);
    else begin();
  }

  /** Calls back once the session has ended. */
  whenOver(callback: () => void): void {
    this.#whenOver = callback;
  }

  /** Runs the same again after it ended. */
  restart(): void {
    this.session.dispose();
    this.screen.terminal.reset();
    this.session = this.#newSession();
    this.session.open();
    this.refresh();
    this.focus();
  }

  focus(): void {
    this.host.order.focus(this.session.flow);
    if (this.#inputRow.hidden) this.screen.terminal.focus();
    else this.#line.focus();
  }

  input(data: string): void {
    this.session.input(data);
  }

  /** What a reload needs to come back here; null when there is nothing to come back to. */
  remember(tab: number): Remembered | null {
    const { place, request } = this.session;
    if (place === null) return null;
    return { request, place, screen: this.screen.serialize(), tab, ...this.screen.size };
  }

  /** The name on the tab. */
  get title(): string {
    const command = this.session.facts?.command[0] ?? 'shell';
    const name = command.slice(command.lastIndexOf('/') + 1);
    return this.request.topic === 'attach' ? `attached · ${name}` : name;
  }

  refresh(): void {
    const { session } = this;
    const tty = session.facts?.tty !== false;
    this.element.setAttribute('aria-label', `Terminal: ${this.title}`);
    this.screen.readOnly = !(session.takesInput && tty);
    this.screen.convertLineFeeds = !tty;
    this.#inputRow.hidden = tty || !session.takesInput;
    this.#showNote();
    this.host.changed(this);
    if (session.phase === 'ended') this.#whenOver?.();
  }

  dispose(): void {
    clearTimeout(this.#fitTimer);
    clearTimeout(this.#resizeTimer);
    this.#observer.disconnect();
    this.session.dispose();
    this.screen.dispose();
    this.element.remove();
  }

  #newSession(): TerminalSession {
    const { terminal } = this.screen;
    return new TerminalSession(this.host.ctx.socket, this.request, {
      sink: { write: (data, drawn) => terminal.write(data, drawn) },
      order: this.host.order,
      size: () => this.screen.size,
      clear: () => terminal.reset(),
      changed: () => this.refresh(),
      now: () => performance.now(),
    });
  }

  #screenHost(): ConstructorParameters<typeof Screen>[1] {
    return {
      input: (data) => {
        if (this.session.replaying) return;
        this.session.input(typeof data === 'string' ? this.host.transform(data) : data);
      },
      resized: () => this.#resizeSoon(),
      command: (command) => this.host.command(command, this),
      openLink: (uri) => this.host.command({ open: uri }, this),
      offerText: (text) => this.#offerText(text),
      found: (index, count) => this.host.found(index, count),
    };
  }

  #fitSoon(): void {
    clearTimeout(this.#fitTimer);
    this.#fitTimer = window.setTimeout(() => this.screen.fit(), FIT_AFTER_MS);
  }

  #resizeSoon(): void {
    clearTimeout(this.#resizeTimer);
    this.#resizeTimer = window.setTimeout(() => {
      this.session.resize(this.screen.size);
      this.host.changed(this);
    }, RESIZE_AFTER_MS);
  }

  /** Enter starts an ended session again, as it does in other terminals. */
  #onKey(event: KeyboardEvent): void {
    const over = this.session.phase === 'ended' || this.session.phase === 'failed';
    const onScreen = event.target instanceof HTMLTextAreaElement;
    if (!over || !onScreen || event.key !== 'Enter') return;
    event.preventDefault();
    event.stopPropagation();
    this.restart();
  }

  #showNote(): void {
    const note = noteOf(this.session);
    this.#note.hidden = note === null;
    if (note === null) return;
    const parts: HTMLElement[] = [el('b', {}, note.title), el('span', { class: 'grow' }, note.text)];
    if (this.session.phase === 'ended' || this.session.phase === 'failed') {
      const again = this.session.phase === 'failed' ? 'Try again' : 'Start again';
      parts.push(
        this.#button(again, () => this.restart()),
        this.#button('Close', () => this.host.close(this)),
      );
    }
    this.#note.replaceChildren(...parts);
  }

  #offerText(text: string): void {
    const copy = this.#button('Copy', async () => {
      this.#offer.hidden = true;
      if (await copyText(text)) this.host.ctx.toast('ok', 'Copied');
      this.focus();
    });
    const dismiss = this.#button('Ignore', () => {
      this.#offer.hidden = true;
      this.focus();
    });
    const words = el('span', { class: 'grow' }, 'The program offers text for the clipboard: ');
    words.append(el('code', {}, preview(text)));
    this.#offer.replaceChildren(words, copy, dismiss);
    this.#offer.hidden = false;
  }

  #button(label: string, action: () => void): HTMLButtonElement {
    const button = el('button', { type: 'button', class: 'btn sm' }, label);
    button.addEventListener('click', action);
    return button;
  }

  /** Without a tty nobody echoes or edits a line: it is typed here and sent whole. */
  #buildInputRow(): HTMLFormElement {
    const send = el('button', { class: 'btn sm' }, 'Send line');
    const end = this.#button('End of input', () => this.session.closeInput());
    const row = el('form', { class: 'term-stdin', hidden: true }, this.#line, send, end);
    row.addEventListener('submit', (event) => {
      event.preventDefault();
      this.session.input(`${this.#line.value}\n`);
      this.#line.value = '';
    });
    return row;
  }
}
