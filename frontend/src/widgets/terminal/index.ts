/**
 * `<div data-widget="terminal" data-container-id="…" data-container-name="…" data-running="1">`: terminals in a
 * container, in tabs and side by side. The first one starts by itself; those of before a reload come back.
 */
import { type Disposable, Disposables } from '../../core/disposable';
import { joinCommand } from '../../core/terminal-argv';
import { DrawingOrder } from '../../core/terminal-flow';
import { Layout } from '../../core/terminal-layout';
import { type Remembered, recall, remember } from '../../core/terminal-memory';
import type { TerminalRequest } from '../../core/terminal-session';
import { survivorText } from '../../core/terminal-words';
import { el } from '../../dom/elements';
import { preferences } from '../../dom/preferences';
import type { Ctx } from '../../registry';
import { copyFrom, openLink, pasteInto } from './actions';
import { Footer } from './footer';
import { KeysRow } from './keys-row';
import { Pane, type PaneCommand, type PaneHost } from './pane';
import { SearchBar } from './search-bar';
import { askForSession } from './start-dialog';
import { FONT } from './theme';
import { type Action, Toolbar } from './toolbar';

const PROBE_MS = 5_000;
const FAREWELL_MS = 8_000;
const FONT_SIZE = 13;
const SMALLEST = 8;
const LARGEST = 28;
const PREFERENCE = 'terminal-font-size';
const READER = 'terminal-screen-reader';

/** Runs after a turn of the event loop, without the delay that timers have. */
function later(callback: () => void): void {
  const channel = new MessageChannel();
  channel.port1.onmessage = () => {
    channel.port1.close();
    callback();
  };
  channel.port2.postMessage(null);
}

class TerminalWidget implements PaneHost, Disposable {
  readonly order = new DrawingOrder(later);
  readonly layout = new Layout<Pane>();
  screenReader = preferences.get(READER) === '1';
  fontSize = Number(preferences.get(PREFERENCE)) || FONT_SIZE;
  #panes = el('div', { class: 'panes', id: 'term-panes', role: 'tabpanel' });
  #footer = new Footer();
  #keys = new KeysRow(() => this.layout.focused);
  #search: SearchBar;
  #toolbar: Toolbar;
  #disposables = new Disposables();
  #storageKey: string;

  constructor(
    readonly element: HTMLElement,
    readonly ctx: Ctx,
  ) {
    this.#storageKey = `terminals:${element.dataset.containerId}`;
    this.#search = new SearchBar({
      find: (text, backwards, incremental) => this.layout.focused?.screen.find(text, backwards, incremental),
      closed: () => {
        this.layout.focused?.screen.endSearch();
        this.layout.focused?.focus();
      },
    });
    this.#toolbar = new Toolbar({
      layout: this.layout,
      act: (action) => this.#act(action),
      show: (pane) => this.#show(pane),
      close: (pane) => this.close(pane),
    });
    const parts = [this.#toolbar.element, this.#search.element, this.#panes, this.#keys.element];
    element.replaceChildren(...parts, this.#footer.element, this.#toolbar.menu);
    this.#listen();
  }

  /** Comes back to what was there, or starts a shell. Fonts first: xterm measures a letter once. */
  async start(): Promise<void> {
    await Promise.all([
      document.fonts.load(`${FONT_SIZE}px ${FONT}`),
      document.fonts.load(`700 ${FONT_SIZE}px ${FONT}`),
    ]);
    if (this.#disposables.disposed) return;
    const remembered = this.#recall();
    if (remembered.length > 0) this.#comeBack(remembered);
    else if (this.element.dataset.running === '1') this.#open(this.#shell());
    else this.#refresh();
  }

  transform(data: string): string {
    return this.#keys.transform(data);
  }

  changed(pane: Pane): void {
    if (this.layout.all.includes(pane)) this.#refresh();
  }

  focused(pane: Pane): void {
    if (this.layout.focused === pane) {
      this.order.focus(pane.session.flow);
      return;
    }
    this.layout.focus(pane);
    this.order.focus(pane.session.flow);
    this.#refresh();
  }

  found(index: number, count: number): void {
    this.#search.found(index, count);
  }

  /** Takes the pane away and lets its process end; says so if it does not. */
  close(pane: Pane): void {
    this.layout.remove(pane);
    pane.element.remove();
    const { session } = pane;
    const command = joinCommand(session.facts?.command ?? []);
    const done = () => {
      clearTimeout(patience);
      if (session.ending?.survived) {
        const text = survivorText(command, this.element.dataset.containerName ?? '', session.ending);
        this.ctx.toast('warn', 'A process is still running', text);
      }
      pane.dispose();
    };
    const patience = window.setTimeout(done, FAREWELL_MS);
    if (session.phase === 'running' && pane.request.topic === 'exec') {
      session.terminate();
      pane.whenOver(done);
    } else done();
    this.#show(this.layout.focused);
  }

  command(command: PaneCommand, pane: Pane): void {
    if (typeof command === 'object') void openLink(command.open, this.ctx);
    else if (command === 'normal') this.#setFontSize(FONT_SIZE);
    else {
      this.focused(pane);
      this.#act(command);
    }
  }

  dispose(): void {
    this.#remember();
    this.#disposables.dispose();
    for (const pane of this.layout.all) pane.dispose();
  }

  #listen(): void {
    const probe = window.setInterval(() => {
      if (document.visibilityState === 'visible') this.layout.focused?.session.probe();
    }, PROBE_MS);
    this.#disposables.add(() => clearInterval(probe));
    const leave = () => this.#remember();
    window.addEventListener('pagehide', leave);
    this.#disposables.add(() => window.removeEventListener('pagehide', leave));
  }

  #shell(): TerminalRequest {
    return { topic: 'exec', args: { id: this.element.dataset.containerId, tty: true } };
  }

  #open(request: TerminalRequest, how: 'tab' | 'split' = 'tab', remembered?: Remembered): Pane {
    const pane = new Pane(request, this);
    if (how === 'split') this.layout.split(pane);
    else this.layout.add(pane);
    this.#arrange();
    pane.start(remembered);
    this.#show(pane);
    return pane;
  }

  #comeBack(remembered: readonly Remembered[]): void {
    let tab: number | null = null;
    for (const one of remembered) {
      this.#open(one.request, one.tab === tab ? 'split' : 'tab', one);
      tab = one.tab;
    }
  }

  #show(pane: Pane | null): void {
    if (pane) {
      this.layout.focus(pane);
      this.#arrange();
      pane.focus();
    }
    this.#refresh();
  }

  /** Puts the panes of the front tab beside each other and hides the others. */
  #arrange(): void {
    const visible = new Set(this.layout.visible);
    for (const pane of this.layout.all) pane.element.hidden = !visible.has(pane);
    this.#panes.dataset.count = String(visible.size);
    const order = [...this.layout.all].map((pane) => pane.element);
    const isInOrder = order.every((node, index) => this.#panes.children[index] === node);
    // Moving a node takes the focus away: only do it when the order changed.
    if (!isInOrder || order.length !== this.#panes.childElementCount) this.#panes.replaceChildren(...order);
  }

  #refresh(): void {
    this.#arrange();
    const { focused, visible } = this.layout;
    for (const pane of this.layout.all)
      pane.element.classList.toggle('is-front', pane === focused && visible.length > 1);
    this.#toolbar.refresh();
    this.#footer.show(focused);
    if (focused === null) this.#panes.replaceChildren(this.#emptyState());
  }

  #emptyState(): HTMLElement {
    const running = this.element.dataset.running === '1';
    const words = running
      ? 'No session is open.'
      : 'The container is not running. Start it, then open a terminal.';
    const start = el('button', { type: 'button', class: 'btn primary' }, 'Open a terminal');
    start.addEventListener('click', () => this.#open(this.#shell()));
    return el('div', { class: 'empty' }, el('p', {}, words), start);
  }

  #act(action: Action | Exclude<PaneCommand, object>): void {
    const pane = this.layout.focused;
    if (action === 'new') this.#open(this.#shell());
    else if (action === 'split') this.#open(pane?.request ?? this.#shell(), 'split');
    else if (action === 'custom') void this.#openCustom();
    else if (action === 'search') this.#search.open();
    else if (action === 'larger') this.#setFontSize(this.fontSize + 1);
    else if (action === 'smaller') this.#setFontSize(this.fontSize - 1);
    else if (action === 'reader') this.#toggleReader();
    else if (action === 'fullscreen') void this.#toggleFullScreen();
    else if (pane !== null) this.#actOn(pane, action);
  }

  #actOn(pane: Pane, action: Action | Exclude<PaneCommand, object>): void {
    if (action === 'copy') void copyFrom(pane, this.ctx);
    else if (action === 'paste') void pasteInto(pane, this.ctx);
    else if (action === 'clear') pane.screen.terminal.clear();
    else if (action === 'eof') this.#endInput(pane);
    else if (action === 'close') this.close(pane);
  }

  #endInput(pane: Pane): void {
    if (pane.session.facts?.tty) pane.input('\x04');
    else if (pane.session.facts?.half_close) pane.session.closeInput();
    else
      this.ctx.toast('warn', 'Not possible here', 'This container keeps its input open, whoever detaches.');
    pane.focus();
  }

  async #openCustom(): Promise<void> {
    const dialog = document.getElementById('terminal-new');
    if (!(dialog instanceof HTMLDialogElement)) return;
    const request = await askForSession(dialog, this.element.dataset.containerId ?? '');
    if (request !== null) this.#open(request);
    else this.layout.focused?.focus();
  }

  async #toggleFullScreen(): Promise<void> {
    if (document.fullscreenElement === this.element) await document.exitFullscreen();
    else await this.element.requestFullscreen();
  }

  /** Lets screen readers follow the output; it costs speed, so it is off unless asked for. */
  #toggleReader(): void {
    this.screenReader = !this.screenReader;
    preferences.set(READER, this.screenReader ? '1' : '0');
    for (const pane of this.layout.all) pane.screen.screenReader = this.screenReader;
    this.ctx.toast('ok', `Screen reader support is ${this.screenReader ? 'on' : 'off'}`);
    this.layout.focused?.focus();
  }

  #setFontSize(pixels: number): void {
    this.fontSize = Math.min(LARGEST, Math.max(SMALLEST, pixels));
    preferences.set(PREFERENCE, String(this.fontSize));
    for (const pane of this.layout.all) pane.screen.fontSize = this.fontSize;
  }

  #recall(): readonly Remembered[] {
    const store = window.sessionStorage;
    const found = recall(store.getItem(this.#storageKey), Date.now());
    store.removeItem(this.#storageKey);
    return found;
  }

  #remember(): void {
    const places = this.layout.tabs.flatMap((panes, tab) => panes.map((pane) => pane.remember(tab)));
    const kept = places.filter((one) => one !== null);
    if (kept.length > 0) window.sessionStorage.setItem(this.#storageKey, remember(kept, Date.now()));
  }
}

export function mount(element: HTMLElement, ctx: Ctx): Disposable {
  const widget = new TerminalWidget(element, ctx);
  void widget.start();
  return widget;
}
