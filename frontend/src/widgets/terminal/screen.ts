/** xterm as this application uses it: what it may do, what the page keeps from it, and how it fits its place. */
import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { SerializeAddon } from '@xterm/addon-serialize';
import { Unicode11Addon } from '@xterm/addon-unicode11';
import { WebLinksAddon } from '@xterm/addon-web-links';
import { type IDisposable, Terminal } from '@xterm/xterm';
import xtermCss from '@xterm/xterm/css/xterm.css?inline';
import { readOffer } from '../../core/terminal-clipboard';
import { commandFor, type TerminalCommand } from '../../core/terminal-keys';
import type { Size } from '../../core/terminal-session';
import { adoptStyle } from '../../dom/style';
import { useFastRenderer } from './renderer';
import { FONT, FOUND, THEME } from './theme';

const SCROLLBACK = 5_000;
const REMEMBERED_LINES = 500;
const LINE_HEIGHT = 1.2;
const OSC_TITLES = [0, 1, 2];
const OSC_CLIPBOARD = 52;

export interface ScreenHost {
  /** Keys, pasted text, and the terminal's own answers to its output. */
  input(data: string | Uint8Array): void;
  resized(size: Size): void;
  command(command: TerminalCommand): void;
  openLink(uri: string): void;
  /** A program wants to put text on the clipboard: nothing happens unless the person agrees. */
  offerText(text: string): void;
  found(index: number, count: number): void;
}

export class Screen {
  readonly terminal: Terminal;
  #fit = new FitAddon();
  #search = new SearchAddon({ highlightLimit: 1_000 });
  #serialize = new SerializeAddon();
  #registrations: IDisposable[] = [];

  constructor(
    readonly element: HTMLElement,
    readonly host: ScreenHost,
    fontSize: number,
  ) {
    adoptStyle(xtermCss);
    Terminal.strings.promptLabel = 'Terminal input';
    const openLink = (_: MouseEvent, uri: string) => host.openLink(uri);
    this.terminal = new Terminal({
      allowProposedApi: true, // unicode versions and search decorations
      cursorBlink: true,
      cursorStyle: 'bar',
      cursorWidth: 2,
      fontFamily: FONT,
      fontSize,
      lineHeight: LINE_HEIGHT,
      linkHandler: { activate: openLink },
      macOptionIsMeta: true,
      minimumContrastRatio: 4.5,
      scrollback: SCROLLBACK,
      theme: THEME,
    });
    for (const addon of [this.#fit, this.#search, this.#serialize, new WebLinksAddon(openLink)])
      this.terminal.loadAddon(addon);
    this.terminal.loadAddon(new Unicode11Addon());
    this.terminal.unicode.activeVersion = '11';
    this.#restrain();
    this.#listen();
  }

  /** Puts it into the page. Fonts must be there first: the size of a letter is measured once. */
  open(): void {
    this.terminal.open(this.element);
    this.fit();
    void useFastRenderer(this.terminal);
  }

  /** Takes the size of its place, if it has one now. */
  fit(): void {
    if (this.element.clientWidth > 0 && this.element.clientHeight > 0) this.#fit.fit();
  }

  get size(): Size {
    return { rows: this.terminal.rows, cols: this.terminal.cols };
  }

  set fontSize(pixels: number) {
    this.terminal.options.fontSize = pixels;
    this.fit();
  }

  /** Mirrors the output into the accessibility tree. */
  set screenReader(on: boolean) {
    this.terminal.options.screenReaderMode = on;
  }

  /** Without a tty nobody turns line feeds into new lines. */
  set convertLineFeeds(on: boolean) {
    this.terminal.options.convertEol = on;
  }

  set readOnly(on: boolean) {
    this.terminal.options.disableStdin = on;
    this.terminal.options.cursorBlink = !on;
  }

  /** The screen and the latest lines as escape sequences. */
  serialize(): string {
    return this.#serialize.serialize({ scrollback: REMEMBERED_LINES });
  }

  /** Shows what `serialize` returned for a terminal of `size`, then fits its place again. */
  restore(screen: string, size: Size, done: () => void): void {
    this.terminal.resize(size.cols, size.rows);
    this.terminal.write(screen, () => {
      this.fit();
      done();
    });
  }

  find(text: string, backwards: boolean, incremental: boolean): void {
    const options = { incremental, decorations: FOUND };
    if (text === '') this.endSearch();
    else if (backwards) this.#search.findPrevious(text, options);
    else this.#search.findNext(text, options);
  }

  endSearch(): void {
    this.#search.clearDecorations();
    this.terminal.clearSelection();
  }

  /** What is selected, else the text of the whole buffer. */
  get text(): string {
    if (this.terminal.hasSelection()) return this.terminal.getSelection();
    const { active } = this.terminal.buffer;
    const lines = Array.from({ length: active.length }, (_, y) => active.getLine(y));
    const parts = lines.map((line) => (line?.isWrapped ? '' : '\n') + (line?.translateToString(true) ?? ''));
    return parts.join('').trim();
  }

  dispose(): void {
    for (const registration of this.#registrations) registration.dispose();
    this.terminal.dispose();
  }

  /** A program must not rename the page or reach the clipboard by itself. */
  #restrain(): void {
    for (const osc of OSC_TITLES)
      this.#registrations.push(this.terminal.parser.registerOscHandler(osc, () => true));
    const clipboard = this.terminal.parser.registerOscHandler(OSC_CLIPBOARD, (data) => {
      const offer = readOffer(data);
      if (offer !== null) this.host.offerText(offer);
      return true;
    });
    this.#registrations.push(clipboard);
  }

  #listen(): void {
    const { terminal, host } = this;
    terminal.onData((data) => host.input(data));
    terminal.onBinary((data) => host.input(Uint8Array.from(data, (char) => char.charCodeAt(0))));
    terminal.onResize((size) => host.resized(size));
    this.#search.onDidChangeResults(({ resultIndex, resultCount }) => host.found(resultIndex, resultCount));
    terminal.attachCustomKeyEventHandler((event) => {
      const { key, ctrlKey: ctrl, altKey: alt, shiftKey: shift, metaKey: meta } = event;
      const command = commandFor({ key, ctrl, alt, shift, meta }, terminal.hasSelection());
      if (command === null) return true;
      if (command === 'paste') return false; // the browser pastes: it needs no permission for that
      event.preventDefault();
      event.stopPropagation();
      if (event.type === 'keydown') host.command(command);
      return false;
    });
  }
}
