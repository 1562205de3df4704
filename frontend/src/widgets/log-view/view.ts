/** Puts a log view together: settings, tools, list, strip, footer, and what the reader does with them. */
import { type Disposable, Disposables } from '../../core/disposable';
import { LogClient, type LogWorker } from '../../core/logclient';
import type {
  HistogramData,
  PageMessage,
  SourceSpec,
  ViewState,
  WorkerMessage,
} from '../../core/logprotocol';
import {
  type LogSettings,
  needsReload,
  optionsOf,
  readLine,
  readSettings,
  writeSettings,
} from '../../core/logsettings';
import { fromMillis, instantText, toMillis } from '../../core/logtime';
import { listen } from '../../dom/listen';
import type { Ctx } from '../../registry';
import logWorkerUrl from '../../workers/log.worker.ts?worker&url';
import matchWorkerUrl from '../../workers/match.worker.ts?worker&url';
import { Edges } from './edges';
import { emptiness, showEmptiness } from './empty';
import { Footer } from './footer';
import { habits, remember } from './habits';
import { HistorySearch } from './history-search';
import { saveRows } from './line-clipboard';
import { Lines } from './lines';
import { followProject } from './project';
import { logShortcuts } from './shortcuts';
import { HistogramStrip } from './strip';
import { Toolbar } from './toolbar';

/** Bytes of lines that a tab keeps: a million of 120 characters; half of that where memory is short. */
const LIMIT = 144 << 20;
const LIMIT_SMALL = 64 << 20;

export class LogView implements Disposable {
  settings: LogSettings;
  state: ViewState | null = null;
  readonly client: LogClient;
  readonly lines: Lines;
  readonly #release = new Disposables();
  readonly #toolbar: Toolbar;
  readonly #footer: Footer;
  readonly #strip: HistogramStrip;
  readonly #edges = new Edges();
  readonly #found: HistorySearch;
  #sources: SourceSpec[];
  #wantedLine = '';
  /** The time that the loaded lines cover. */
  #span: HistogramData | null = null;

  constructor(
    readonly root: HTMLElement,
    readonly ctx: Ctx,
  ) {
    this.#sources = JSON.parse(root.dataset.sources ?? '[]') as SourceSpec[];
    this.settings = readSettings(new URLSearchParams(location.search), habits());
    this.client = new LogClient(startWorker(), ctx.socket);
    this.#strip = new HistogramStrip((ms) => void this.jump(ms));
    this.#part('strip').replaceWith(this.#strip.root);
    this.#footer = new Footer(this.#part('foot'));
    this.lines = new Lines(this, this.#part('list'));
    this.#toolbar = new Toolbar(root, this.settings, {
      change: (change) => this.change(change),
      step: (direction) => void this.step(direction),
      jump: (ms) => void this.jump(ms),
      searchHistory: () => this.#found.search(this.#sources, this.settings),
      save: (times) => void saveRows(this, times),
    });
    this.#found = new HistorySearch(this.#part('found'), ctx, (line) => this.openLine(line));
    this.#connect();
    this.#start();
  }

  get sources(): readonly SourceSpec[] {
    return this.#sources;
  }

  /** Changes settings, the address and whatever depends on them. */
  change(change: Partial<LogSettings>): void {
    const before = this.settings;
    this.settings = { ...before, ...change };
    remember(this.settings);
    this.#writeAddress();
    this.#toolbar.show(this.settings);
    if (needsReload(before, this.settings)) this.#start();
    else if (before.line !== this.settings.line && this.settings.line === '' && this.state?.bottom !== 'live')
      this.#start();
    if (changed(before, this.settings, ['query', 'regex', 'matchCase'])) this.#query();
    if (changed(before, this.settings, ['level', 'onlyMatches', 'context', 'query'])) this.#filter();
    if (changed(before, this.settings, ['times', 'wrap', 'expand'])) this.lines.restyle();
  }

  /** To the end, which is loaded if the view is elsewhere. */
  latest(): void {
    this.lines.list.toEnd();
    if (this.state?.bottom === 'more') {
      this.change({ line: '' });
      if (this.state?.bottom === 'more') this.#start();
    }
  }

  async step(direction: 1 | -1): Promise<void> {
    const found = await this.lines.step(direction);
    this.#toolbar.showHits(this.state?.hits ?? null, found);
  }

  /** Shows what was written at a time, loading it if need be. */
  async jump(ms: number): Promise<void> {
    const at = instantText(fromMillis(ms));
    const loaded = this.#span !== null && ms >= this.#span.from && ms <= this.#span.to;
    const place = loaded ? await this.client.ask({ q: 'time', at, ordinal: 0 }) : null;
    if (place) this.lines.list.reveal(place.row, true);
    else this.openLine(`${at}:0`);
  }

  /** Loads the lines around one and picks it. */
  openLine(line: string): void {
    this.settings = { ...this.settings, line };
    this.#writeAddress();
    this.#start();
  }

  focusFind(): void {
    this.#toolbar.focusFind();
  }

  showPicked(count: number): void {
    this.#footer.picked(count, () => void this.lines.copyPicked());
  }

  /** What is on screen changed. */
  seen(first: number, last: number, following: boolean): void {
    this.client.viewport(first, last, following);
    const [from, to] = [this.client.row(first), this.client.row(last)];
    if (from && to) this.#strip.window(toMillis(from), toMillis(to));
    if (this.state) this.#footer.show(this.state, this.settings, following);
  }

  dispose(): void {
    this.#release.dispose();
  }

  #connect(): void {
    const { client } = this;
    this.#release.add(client.changed.on((state) => this.#update(state)));
    this.#release.add(
      client.histogram.on((data) => {
        this.#strip.draw(data);
        this.#span = data;
      }),
    );
    this.#release.add(
      client.failed.on((message) => this.ctx.toast('bad', 'The lines could not be loaded', message)),
    );
    this.#release.add(listen(this.#part('latest'), 'click', () => this.latest()));
    this.#release.add(listen(this.#part('gaps'), 'click', () => void this.lines.showGap()));
    this.#release.add(this.ctx.shortcuts(...logShortcuts(this)));
    const { project } = this.root.dataset;
    if (project)
      this.#release.add(followProject(this.ctx.socket, project, this.root, (found) => this.#join(found)));
    for (const part of [this.lines, this.#toolbar, this.#found, client]) this.#release.add(part);
  }

  #start(): void {
    this.#wantedLine = this.settings.line;
    this.lines.reset(this.#wantedLine === '');
    this.client.start(this.#sources, optionsOf(this.settings, Date.now()), memoryLimit());
    this.#filter();
    this.#query();
  }

  #join(found: readonly SourceSpec[]): void {
    const fresh = found.filter((source) => !this.#sources.some((known) => known.id === source.id));
    if (fresh.length === 0) return;
    this.#sources = [...this.#sources, ...fresh];
    this.client.join(fresh);
    this.lines.restyle();
  }

  #query(): void {
    const { query, regex, matchCase } = this.settings;
    this.client.query(query === '' ? null : { text: query, regex, matchCase });
    this.lines.forgetMatch();
  }

  #filter(): void {
    const { level, onlyMatches, query, context } = this.settings;
    this.client.filter(level, onlyMatches && query !== '', onlyMatches ? context : 0);
  }

  #update(state: ViewState): void {
    const before = this.state;
    this.state = state;
    this.lines.update(state, before, this.#edges.top(state), this.#edges.bottom(state));
    this.#toolbar.showHits(state.hits, this.lines.matchIndex);
    this.#footer.show(state, this.settings, this.lines.list.following);
    showEmptiness(this.#part('empty'), emptiness(state, this.settings), (change) => this.change(change));
    if (this.#wantedLine && state.lines > 0 && state.bottom !== 'loading') void this.#findWanted();
  }

  async #findWanted(): Promise<void> {
    const wanted = readLine(this.#wantedLine);
    this.#wantedLine = '';
    if (!wanted) return;
    const place = await this.client.ask({ q: 'time', at: instantText(wanted.time), ordinal: wanted.ordinal });
    if (place) this.lines.pickAt(place.row, place.line);
    else this.ctx.toast('warn', 'That line is not there any more', 'The log may have been rotated since.');
  }

  #writeAddress(): void {
    const parameters = writeSettings(this.settings, new URLSearchParams(location.search));
    const query = parameters.toString();
    history.replaceState(history.state, '', `${location.pathname}${query ? `?${query}` : ''}`);
  }

  #part(name: string): HTMLElement {
    const found = this.root.querySelector<HTMLElement>(`[data-${name}]`);
    if (!found) throw new Error(`the log view lacks [data-${name}]`);
    return found;
  }
}

function changed(a: LogSettings, b: LogSettings, keys: ReadonlyArray<keyof LogSettings>): boolean {
  return keys.some((key) => a[key] !== b[key]);
}

function memoryLimit(): number {
  const { deviceMemory = 8 } = navigator as Navigator & { readonly deviceMemory?: number };
  return deviceMemory < 4 ? LIMIT_SMALL : LIMIT;
}

function startWorker(): LogWorker {
  const worker = new Worker(logWorkerUrl, { type: 'module' });
  worker.postMessage({ t: 'begin', matcherUrl: matchWorkerUrl });
  return {
    post: (message: PageMessage, transfer) => worker.postMessage(message, [...transfer]),
    onMessage(callback) {
      worker.onmessage = (event: MessageEvent<WorkerMessage>) => callback(event.data);
    },
    terminate: () => worker.terminate(),
  };
}
