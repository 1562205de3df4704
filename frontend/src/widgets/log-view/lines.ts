/** The lines themselves: rows in the list, picked ones, unfolded ones, the match that the reader stands on. */
import { type Disposable, Disposables } from '../../core/disposable';
import type { Row, ViewState } from '../../core/logprotocol';
import { hit, listen } from '../../dom/listen';
import { EdgeLoader } from './edge-loader';
import { copyLines, copyLink } from './line-clipboard';
import { lineActions, Picking } from './picking';
import { buildRow, type RowLook } from './row';
import type { LogView } from './view';
import { VirtualList } from './virtual-list';

export class Lines implements Disposable, RowLook {
  readonly list: VirtualList;
  /** Which of all matches the reader stands on. */
  matchIndex: number | null = null;
  readonly #release = new Disposables();
  readonly #picking = new Picking((before, after) => this.#picked(before, after));
  /** Lines that are unfolded although the others are not, or the other way round. */
  readonly #turned = new Set<number>();
  #match: { line: number; row: number } | null = null;
  #gap: number | null = null;
  #rowsByLine = new Map<number, number>();
  #firstOnScreen = 0;
  #lastOnScreen = 0;
  readonly #edges = new EdgeLoader();
  /** Somebody else says what is shown after the next renumbering. */
  #held = false;

  constructor(
    readonly view: LogView,
    readonly root: HTMLElement,
  ) {
    this.list = new VirtualList(
      root,
      {
        build: (row) => this.#build(row),
        want: (from, to, margin) => view.client.want(from, to, margin),
        seen: (first, last, following) => this.#seen(first, last, following),
        drawn: () => this.#edges.look(view.client, view.settings, this.#firstOnScreen, this.#lastOnScreen),
      },
      () => this.#seen(this.#firstOnScreen, this.#lastOnScreen, this.list.following),
    );
    this.#release.add(this.list);
    this.#release.add(view.client.arrived.on((rows) => this.list.refresh(rows)));
    this.#listen();
    this.restyle();
  }

  // ---- how a row looks ---------------------------------------------------------------------------------------

  get times() {
    return this.view.settings.times;
  }

  get details(): boolean {
    return this.view.settings.details;
  }

  get sources(): readonly string[] {
    const { sources } = this.view;
    return sources.length > 1 ? sources.map((source) => source.name) : [];
  }

  get current(): number | null {
    return this.#match?.line ?? null;
  }

  expanded(line: number): boolean {
    return this.view.settings.expand !== this.#turned.has(line);
  }

  selected(line: number): boolean {
    return this.#picking.has(line);
  }

  marks(key: string, text: string, row: number): readonly number[] | null {
    return this.view.client.marks(key, text, row);
  }

  // ---- what the view tells -----------------------------------------------------------------------------------

  /** Other lines will come: nothing is picked, nothing unfolded. */
  reset(follow: boolean): void {
    this.#picking.clear();
    this.#turned.clear();
    this.forgetMatch();
    this.list.following = follow;
    this.list.refresh();
  }

  update(
    state: ViewState,
    before: ViewState | null,
    top: HTMLElement | null,
    bottom: HTMLElement | null,
  ): void {
    if (before && state.version !== before.version && !this.#held) void this.#renumber();
    this.list.edges(top, bottom);
    this.list.range(state.first, state.next);
    if (state.hits?.count !== before?.hits?.count)
      this.view.client.want(this.#firstOnScreen, this.#lastOnScreen + 1, 0);
  }

  /** Times, wrapping or the set of containers changed. */
  restyle(): void {
    const { times, wrap } = this.view.settings;
    const { classList } = this.root;
    for (const name of ['off', 'full', 'utc']) classList.toggle(name, times === name);
    classList.toggle('nowrap', !wrap);
    classList.toggle('many', this.view.sources.length > 1);
    this.#turned.clear();
    this.list.refresh();
  }

  forgetMatch(): void {
    this.#match = null;
    this.matchIndex = null;
  }

  /** To the next match from here; returns which one it is. */
  async step(direction: 1 | -1): Promise<number | null> {
    const from = this.#match?.row ?? this.#lastOnScreen + 1;
    const forwards = this.#match !== null && direction === 1;
    const found = await this.view.client.ask({ q: 'find', row: from, forwards });
    const before = this.#match;
    this.#match = found;
    this.matchIndex = found?.index ?? null;
    if (found) this.list.reveal(found.row, true);
    this.list.refresh([before?.row, found?.row].filter((row) => row !== undefined));
    return this.matchIndex;
  }

  /** Shows the last gap, and when asked again the one before it. */
  async showGap(): Promise<void> {
    const found = await this.view.client.ask({ q: 'gap', before: this.list.following ? null : this.#gap });
    this.#gap = found?.line ?? null;
    if (found) this.list.reveal(found.row, true);
  }

  /** Picks the line in a row and shows it in the middle. */
  pickAt(row: number, line: number): void {
    this.#picking.clear();
    this.#rowsByLine.set(line, row);
    this.#picking.pick(line, false);
    this.list.reveal(row, true);
  }

  /** Moves the picked line by one. */
  move(by: 1 | -1): void {
    const head = this.#picking.head;
    const row = head === null ? undefined : this.#rowsByLine.get(head);
    const next = row === undefined ? (by > 0 ? this.#firstOnScreen : this.#lastOnScreen) : row + by;
    const line = this.view.client.row(next)?.line;
    if (line === undefined || line === head) return;
    this.#rowsByLine.set(line, next);
    this.#picking.pick(line, false);
    this.list.reveal(next, false);
  }

  letGo(): boolean {
    const had = this.#picking.range !== null;
    this.#picking.clear();
    return had;
  }

  /** Copies the picked lines, if there are any. */
  async copyPicked(): Promise<void> {
    const { range } = this.#picking;
    if (range) await copyLines(this.view, range[0], range[1]);
  }

  get hasPicked(): boolean {
    return this.#picking.range !== null;
  }

  dispose(): void {
    this.#release.dispose();
  }

  // ---- inside ------------------------------------------------------------------------------------------------

  #build(row: number): HTMLElement | undefined {
    const found = this.view.client.row(row);
    if (!found) return undefined;
    if (this.#rowsByLine.size > 5_000) this.#rowsByLine.clear();
    this.#rowsByLine.set(found.line, row);
    return buildRow(found, this);
  }

  #seen(first: number, last: number, following: boolean): void {
    if (first !== this.#firstOnScreen) this.#edges.moved();
    this.#firstOnScreen = first;
    this.#lastOnScreen = last;
    this.view.seen(first, last, following);
  }

  async #renumber(): Promise<void> {
    const row = this.list.topRow;
    const line = [...this.#rowsByLine].find(([, known]) => known === row)?.[0];
    this.#rowsByLine.clear();
    this.#match = null;
    if (this.list.following || line === undefined) {
      this.list.refresh();
      return;
    }
    const now = await this.view.client.ask({ q: 'row', line });
    this.list.renumber(row, now);
  }

  #picked(before: readonly number[], after: readonly number[]): void {
    const rows = [...before, ...after].flatMap((line) => this.#rowsByLine.get(line) ?? []);
    this.list.refresh(rows);
    const { range } = this.#picking;
    this.view.showPicked(range ? range[1] - range[0] + 1 : 0);
  }

  #listen(): void {
    const on = <K extends keyof HTMLElementEventMap>(
      target: EventTarget,
      type: K,
      listener: (event: HTMLElementEventMap[K]) => void,
    ) => this.#release.add(listen(target, type, listener));
    on(this.root, 'click', (event) => this.#clicked(event));
    on(this.root, 'pointerover', (event) => this.#hover(hit(event, '.ll')));
    on(this.root, 'pointerleave', () => this.#hover(null));
    on(this.root, 'keydown', (event) => this.#key(event));
    on(document, 'copy', (event) => {
      if (!getSelection()?.isCollapsed || !this.hasPicked || isField(event.target)) return;
      event.preventDefault();
      void this.copyPicked();
    });
  }

  #clicked(event: MouseEvent): void {
    const node = hit(event, '[data-line]');
    const line = Number(node?.dataset.line);
    if (hit(event, '[data-older]')) this.view.client.older();
    else if (hit(event, '[data-newer]')) this.view.client.newer();
    else if (hit(event, '[data-latest-line]')) this.view.latest();
    else if (!node) return;
    else if (hit(event, '[data-unfold]')) this.#turn(line);
    else if (hit(event, '[data-fill]')) this.view.client.fill(line);
    else if (hit(event, 'time, .bar')) this.#picking.pick(line, event.shiftKey);
    else {
      const action = hit(event, '[data-act]')?.dataset.act;
      if (action === 'copy') void copyLines(this.view, line, line);
      else if (action === 'link') this.#copyLink(line);
      else if (action === 'context') void this.#showInContext(line);
    }
  }

  #turn(line: number): void {
    if (!this.#turned.delete(line)) this.#turned.add(line);
    const row = this.#rowsByLine.get(line);
    if (row !== undefined) this.list.refresh([row]);
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === 'End') this.view.latest();
    else if (event.key === 'Home') this.list.toStart();
    else return;
    event.preventDefault();
  }

  #hover(node: HTMLElement | null): void {
    const present = this.root.querySelector('.ll-acts');
    if (present?.parentElement === node) return;
    present?.remove();
    const filtered = this.view.settings.level > 0 || this.view.settings.onlyMatches;
    if (node?.dataset.line !== undefined) node.append(lineActions(filtered));
  }

  #copyLink(line: number): void {
    const row = this.#rowOf(line);
    if (!row) return;
    this.#picking.clear();
    this.#picking.pick(line, false);
    void copyLink(this.view, line, row);
  }

  async #showInContext(line: number): Promise<void> {
    this.#held = true;
    const { version } = this.view.state ?? {};
    this.view.change({ level: 0, onlyMatches: false });
    for (let state = this.view.state; state?.version === version; ) state = await this.view.client.next();
    this.#held = false;
    this.#rowsByLine.clear();
    this.pickAt(await this.view.client.ask({ q: 'row', line }), line);
  }

  #rowOf(line: number): Row | undefined {
    const row = this.#rowsByLine.get(line);
    return row === undefined ? undefined : this.view.client.row(row);
  }
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, [contenteditable]') !== null;
}
