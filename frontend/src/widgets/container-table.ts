/**
 * The containers list, live. The server renders rows (templates/containers/_row.html) for the page and for the
 * `containers` topic alike; this widget puts them in place, filters, sorts, selects and fills in the figures.
 *
 * `<section data-widget="container-table" data-args='{"filters":{…},"seen":"e.7"}'>` around tools and one `table`.
 * What its parts look for in the markup is said where they are: table/rows, controls, picks, actions, live.
 */
import { type Disposable, Disposables } from '../core/disposable';
import type { ServerMessage } from '../core/socket';
import { isLive } from '../core/table';
import { listen } from '../dom/listen';
import type { Ctx } from '../registry';
import { Actions } from './table/actions';
import { Controls } from './table/controls';
import { listShortcuts } from './table/keys';
import { LiveFigures } from './table/live';
import { Picks } from './table/picks';
import { Rows } from './table/rows';

const RESORT_MS = 3_000;

class ContainerTable implements Disposable {
  readonly #release = new Disposables();
  readonly #rows: Rows;
  readonly #controls: Controls;
  readonly #picks: Picks;
  readonly #live: LiveFigures;
  #seen: string;
  #dirty = false;
  #sortedAt = 0;
  #timer = 0;

  constructor(
    readonly root: HTMLElement,
    readonly ctx: Ctx,
  ) {
    const table = root.querySelector('table');
    if (!table) throw new Error('the container table has no table');
    const args = JSON.parse(root.dataset.args ?? '{}') as { seen?: string };
    this.#seen = args.seen ?? '';
    this.#rows = new Rows(table);
    this.#controls = new Controls(root, table, (moves) => this.#viewChanged(moves));
    this.#picks = new Picks(root, this.#rows);
    this.#live = new LiveFigures(
      this.#rows,
      ctx,
      () => this.#controls.view,
      () => this.#figuresChanged(),
    );
    const actions = new Actions(table, this.#rows, this.#picks, ctx);
    for (const part of [this.#controls, this.#picks, this.#live, actions]) this.#release.add(part);
    this.#release.add(listen(table, 'click', (event) => this.#fold(event)));
    this.#release.add(ctx.shortcuts(...listShortcuts(table, this.#picks)));
    this.#arrange();
    this.#subscribe(args);
  }

  dispose(): void {
    this.#release.dispose();
    this.ctx.notice('containers', null);
  }

  #subscribe(args: object): void {
    const channel = this.ctx.socket.open('containers', args, {
      retry: true,
      resume: () => ({ seen: this.#seen }),
      message: (message) => this.#message(message),
    });
    this.#release.add(() => channel.close());
  }

  #message(message: ServerMessage): void {
    if (message.ev === 'rows') this.#put(message.put as ReadonlyArray<readonly [string, string]>);
    else if (message.ev === 'only') this.#forget(this.#rows.keepOnly(message.ids as string[]));
    else if (message.ev === 'seen') this.#settled(message);
    else if (message.ev === 'stale' || message.ev === 'error') {
      this.ctx.notice('containers', String(message.message));
    }
  }

  #put(put: ReadonlyArray<readonly [string, string]>): void {
    const changed = this.#rows.put(put.map(([, html]) => html).join(''));
    if (changed.length === 0) return;
    this.#live.forget(changed);
    this.#dirty = true;
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) this.#picks.selection.forget(id);
    if (ids.length === 0) return;
    this.#live.forget(ids);
    this.#dirty = true;
  }

  /** All of one change has arrived: rows and what is gone wait for this. */
  #settled(message: ServerMessage): void {
    this.#seen = String(message.seen);
    this.#forget(this.#rows.remove(message.gone as string[]));
    for (const [project, html] of message.groups as ReadonlyArray<readonly [string, string | null]>) {
      this.#rows.putGroup(project, html);
      this.#dirty = true;
    }
    this.#controls.tellCounts(message.counts as Record<string, number>);
    this.ctx.notice('containers', null);
    this.#arrangeSoon();
  }

  /** What has already arrived is arranged at once, in a task of its own: the next frame has enough to draw. */
  #arrangeSoon(): void {
    this.#timer ||= window.setTimeout(() => {
      this.#timer = 0;
      if (this.#dirty && !this.#release.disposed) this.#arrange();
    });
  }

  #arrange(): void {
    this.#dirty = false;
    this.#sortedAt = performance.now();
    this.#rows.arrange(this.#controls.view, this.#live.figures);
    this.#live.observe();
    this.#tell();
  }

  #tell(): void {
    this.#controls.tell(this.#rows.arrangement);
    this.#picks.tell();
  }

  #viewChanged(moves: boolean): void {
    if (moves && this.#controls.view.grouped && !this.#rows.canGroup) {
      const url = new URL(location.href);
      url.searchParams.delete('group');
      location.replace(url); // this page was rendered without group headers
    } else if (moves) this.#arrange();
    else {
      this.#rows.filter(this.#controls.view);
      this.#tell();
    }
    this.#live.settle();
  }

  /** Sorted by figures: look again now and then, but never under the pointer. */
  #figuresChanged(): void {
    if (!isLive(this.#controls.view.sort) || this.root.querySelector('tbody:hover')) return;
    if (performance.now() - this.#sortedAt >= RESORT_MS) this.#arrange();
  }

  #fold(event: MouseEvent): void {
    const button = event.target instanceof Element ? event.target.closest('.fold') : null;
    const project = button?.closest('tbody')?.dataset.project;
    if (project === undefined) return;
    this.#rows.fold(project, !this.#rows.isFolded(project));
    this.#picks.tell();
    this.#live.settle();
  }
}

export function mount(element: HTMLElement, ctx: Ctx): Disposable {
  return new ContainerTable(element, ctx);
}
