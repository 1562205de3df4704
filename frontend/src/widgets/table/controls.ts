/** Filter, state segments, column sort, grouping and columns; the view lives in the URL. */
import { type Disposable, Disposables } from '../../core/disposable';
import {
  type Arrangement,
  type SortKey,
  type StateView,
  sortBy,
  type View,
  viewFromQuery,
  viewToQuery,
} from '../../core/table';
import { icon } from '../../dom/elements';
import { hit, listen } from '../../dom/listen';
import { preferences } from '../../dom/preferences';

const URL_DELAY_MS = 250;
const COLUMNS_KEY = 'containers.hidden';

export class Controls implements Disposable {
  view: View = viewFromQuery(new URLSearchParams(location.search));
  readonly #release = new Disposables();
  readonly #filter: HTMLInputElement | null;
  #urlTimer = 0;

  /** `changed(moves)` follows every change; `moves` says whether rows may have to move or only to hide. */
  constructor(
    readonly root: HTMLElement,
    readonly table: HTMLTableElement,
    readonly changed: (moves: boolean) => void,
  ) {
    this.#filter = root.querySelector('[data-filter]');
    // What was typed while this script was still on its way counts.
    if (this.#filter) this.view = { ...this.view, q: this.#filter.value };
    if (this.#filter) this.#release.add(listen(this.#filter, 'input', () => this.#typed()));
    if (this.#filter) this.#release.add(listen(this.#filter, 'keydown', (event) => this.#filterKey(event)));
    this.#release.add(listen(root, 'click', (event) => this.#click(event)));
    this.#release.add(listen(document, 'change', (event) => this.#change(event)));
    this.#release.add(() => window.clearTimeout(this.#urlTimer));
    this.#hideColumns(this.#chosenColumns());
    this.#describe();
  }

  dispose(): void {
    this.#release.dispose();
  }

  /** Shows the numbers on the segments, and when nothing passes why: there is nothing, or it is filtered out. */
  tell({ counts, shown, groups }: Arrangement): void {
    for (const [state, n] of Object.entries(counts)) {
      const badge = this.root.querySelector(`[data-count="${state}"]`);
      if (badge && badge.textContent !== String(n)) badge.textContent = String(n);
    }
    // Figures of the whole Engine above a list of a few containers: they say so.
    const summary = this.root.querySelector<HTMLElement>('.kpis');
    const narrowed = this.view.q !== '' || this.view.state !== 'all' || summary?.dataset.filtered === '1';
    summary?.toggleAttribute('data-narrowed', narrowed);
    const empty = this.root.querySelector<HTMLElement>('[data-empty]');
    if (!empty) return;
    empty.hidden = shown.size > 0;
    const listed = groups.length > 0;
    for (const part of empty.querySelectorAll<HTMLElement>('[data-when]'))
      part.hidden = (part.dataset.when === 'rows') !== listed;
  }

  /** Writes how many containers are in which condition into the summary above the list. */
  tellCounts(counts: Readonly<Record<string, number>>): void {
    const tile = this.root.querySelector('[data-kpi="running"]');
    const put = (place: Element | null | undefined, n: number | undefined) => {
      if (place && n !== undefined) place.textContent = String(n);
    };
    put(tile?.querySelector('.v b'), counts.up);
    put(tile?.querySelector('.v span'), counts.all);
    for (const part of tile?.querySelectorAll<HTMLElement>('[data-badge]') ?? []) {
      const n = counts[part.dataset.badge ?? ''];
      put(part.querySelector('b'), n);
      part.hidden = !n;
    }
  }

  reset(): void {
    this.#set({ q: '', state: 'all' }, false);
    if (this.#filter) this.#filter.value = '';
    this.#filter?.focus();
  }

  #set(part: Partial<View>, moves: boolean): void {
    this.view = { ...this.view, ...part };
    this.#describe();
    this.changed(moves);
    window.clearTimeout(this.#urlTimer);
    this.#urlTimer = window.setTimeout(() => this.#save(), URL_DELAY_MS);
  }

  #save(): void {
    const url = new URL(location.href);
    viewToQuery(this.view, url.searchParams);
    history.replaceState(history.state, '', url);
  }

  #typed(): void {
    this.#set({ q: this.#filter?.value ?? '' }, false);
  }

  #filterKey(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.#filter?.value === '') this.#filter.blur();
    const first = this.table.querySelector<HTMLElement>('tr.row:not([hidden]) .c-name a');
    if ((event.key === 'Enter' || event.key === 'ArrowDown') && first) {
      event.preventDefault();
      first.focus();
    }
  }

  #click(event: MouseEvent): void {
    const sort = hit(event, '[data-sort]')?.dataset.sort;
    if (sort) {
      const { sort: key, descending } = sortBy(this.view, sort as SortKey);
      this.#set({ sort: key, descending }, true);
    }
    if (hit(event, '[data-reset]')) this.reset();
    if (hit(event, '[data-grouping]')) this.#set({ grouped: !this.view.grouped }, true);
  }

  #change(event: Event): void {
    const input = event.target;
    if (!(input instanceof HTMLInputElement)) return;
    if (input.type === 'radio' && this.root.contains(input) && input.closest('.seg')) {
      this.#set({ state: input.value as StateView }, false);
    }
    if (input.dataset.column !== undefined) {
      const hidden = this.#unticked();
      preferences.set(COLUMNS_KEY, hidden.join(' '));
      this.#hideColumns(hidden);
    }
  }

  /** What was chosen before, or what the page's own ticks say. */
  #chosenColumns(): string[] {
    const stored = preferences.get(COLUMNS_KEY);
    return stored === null ? this.#unticked() : stored.split(' ').filter(Boolean);
  }

  #unticked(): string[] {
    const boxes = document.querySelectorAll<HTMLInputElement>('input[data-column]');
    return [...boxes].filter((box) => !box.checked).map((box) => box.dataset.column ?? '');
  }

  #hideColumns(hidden: readonly string[]): void {
    for (const box of document.querySelectorAll<HTMLInputElement>('input[data-column]')) {
      const column = box.dataset.column ?? '';
      box.checked = !hidden.includes(column);
      this.table.classList.toggle(`hide-${column}`, hidden.includes(column));
    }
  }

  /** Makes headers and buttons say what the view is. */
  #describe(): void {
    for (const header of this.table.querySelectorAll<HTMLElement>('th:has([data-sort])')) {
      const button = header.querySelector<HTMLElement>('[data-sort]');
      button?.querySelector('svg')?.remove();
      if (button?.dataset.sort !== this.view.sort) {
        header.removeAttribute('aria-sort');
        continue;
      }
      header.setAttribute('aria-sort', this.view.descending ? 'descending' : 'ascending');
      button.append(icon(this.view.descending ? 'arrow-down' : 'arrow-up', true));
    }
    const grouping = this.root.querySelector('[data-grouping]');
    grouping?.setAttribute('aria-pressed', String(this.view.grouped));
    const radio = this.root.querySelector<HTMLInputElement>(
      `.seg input[type=radio][value="${this.view.state}"]`,
    );
    if (radio) radio.checked = true;
    if (this.#filter && this.#filter.value !== this.view.q && document.activeElement !== this.#filter) {
      this.#filter.value = this.view.q;
    }
  }
}
