/**
 * Watches the rows that can be seen and writes their figures. One channel of the `stats` topic; the set of watched ids
 * follows the scroll position, a sort by figures watches every running row, and a hidden tab watches none.
 */
import { type Disposable, Disposables } from '../../core/disposable';
import type { Channel, ServerMessage } from '../../core/socket';
import { type Figures, hasFigures, isLive, rollUp, type View } from '../../core/table';
import { listen } from '../../dom/listen';
import type { Ctx } from '../../registry';
import { LiveCells, showRollUp, type Usage } from './cells';
import { type Rows, shortId } from './rows';

const SETTLE_MS = 150;
const MARGIN = '200px 0px';
const MOST_WATCHED = 300;

type Tuple = readonly (number | null)[];

function usageOf([cpu, memory, memoryLimit, rx, tx]: Tuple): Usage {
  return {
    cpu: cpu ?? null,
    memory: memory ?? null,
    memoryLimit: memoryLimit ?? null,
    rx: rx ?? null,
    tx: tx ?? null,
  };
}

export class LiveFigures implements Disposable {
  readonly figures = new Map<string, Figures>();
  readonly #release = new Disposables();
  readonly #cells = new Map<string, LiveCells>();
  readonly #onScreen = new Set<Element>();
  readonly #observer: IntersectionObserver;
  readonly #channel: Channel;
  #watched = '';
  #timer = 0;
  #observed = new Set<Element>();

  constructor(
    readonly rows: Rows,
    ctx: Pick<Ctx, 'socket'>,
    readonly view: () => View,
    readonly changed: () => void,
  ) {
    this.#observer = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: MARGIN });
    this.#channel = ctx.socket.open('stats', { ids: [] }, { retry: true, message: (m) => this.#message(m) });
    this.#release.add(() => this.#observer.disconnect());
    this.#release.add(() => this.#channel.close());
    this.#release.add(() => window.clearTimeout(this.#timer));
    this.#release.add(listen(document, 'visibilitychange' as 'change', () => this.settle()));
    this.observe();
  }

  /** Looks at the rows and headers that came and went. */
  observe(): void {
    const wanted = new Set<Element>();
    for (const row of this.rows.rows.values()) wanted.add(row.element);
    for (const header of this.rows.headers()) wanted.add(header);
    for (const element of this.#observed) {
      if (wanted.has(element)) continue;
      this.#observer.unobserve(element);
      this.#onScreen.delete(element);
    }
    for (const element of wanted) if (!this.#observed.has(element)) this.#observer.observe(element);
    this.#observed = wanted;
    this.settle();
  }

  /** These changed: figures of one that stopped are no longer true. (`observe` follows once they are in place.) */
  forget(ids: Iterable<string>): void {
    for (const id of ids) {
      const facts = this.rows.rows.get(id)?.facts;
      if (facts && hasFigures(facts)) continue;
      this.figures.delete(id);
      this.#cells.delete(id);
    }
  }

  /** Tells the server what to measure once scrolling has come to rest. */
  settle(): void {
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#watch(), SETTLE_MS);
  }

  dispose(): void {
    this.#release.dispose();
  }

  #seen(entries: IntersectionObserverEntry[]): void {
    for (const entry of entries) {
      if (entry.isIntersecting) this.#onScreen.add(entry.target);
      else this.#onScreen.delete(entry.target);
    }
    this.settle();
  }

  /** Rows on screen, and all members of each group whose header is: its sums need them. */
  #wanted(): string[] {
    if (document.visibilityState !== 'visible') return [];
    const everything = isLive(this.view().sort);
    const projects = new Set<string>();
    for (const element of this.#onScreen) {
      if (element.matches('tr.grp')) projects.add(element.closest('tbody')?.dataset.project ?? '');
    }
    projects.delete(''); // loose containers have no sums
    const ids: string[] = [];
    for (const row of this.rows.rows.values()) {
      const near = this.#onScreen.has(row.element) || projects.has(row.facts.project);
      if (hasFigures(row.facts) && (everything || near)) ids.push(row.element.dataset.id ?? '');
    }
    return ids.slice(0, MOST_WATCHED);
  }

  #watch(): void {
    const ids = this.#wanted();
    const key = ids.join();
    if (key === this.#watched || !this.#channel.open) return;
    this.#watched = key;
    this.#channel.send('watch', { ids });
  }

  #message(message: ServerMessage): void {
    if (message.ev === 'open') {
      this.#watched = '';
      this.#watch();
    } else if (message.ev === 'usage') this.#usage(message);
  }

  #usage(message: ServerMessage): void {
    const history = (message.history ?? {}) as Record<string, Tuple>;
    for (const [id, values] of Object.entries(history)) this.#cellsOf(shortId(id))?.remember(values);
    const projects = new Set<string>();
    for (const [id, tuple] of Object.entries((message.rows ?? {}) as Record<string, Tuple>)) {
      const short = shortId(id);
      const row = this.rows.rows.get(short);
      if (!row || !hasFigures(row.facts)) continue;
      const shown = this.#cellsOf(short)?.show(usageOf(tuple));
      if (shown) this.figures.set(short, shown);
      projects.add(row.facts.project);
    }
    for (const project of projects) this.#sum(project);
    this.changed();
  }

  #sum(project: string): void {
    const header = this.rows.header(project);
    if (header) showRollUp(header, rollUp(this.rows.members(project), this.figures));
  }

  #cellsOf(id: string): LiveCells | null {
    const row = this.rows.rows.get(id);
    if (!row) return null;
    const known = this.#cells.get(id);
    if (known) return known;
    const made = new LiveCells(row.element);
    this.#cells.set(id, made);
    return made;
  }
}
