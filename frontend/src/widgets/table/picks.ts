/** Ticked rows and the bar that acts on them. Rows that the filter hides are never acted upon: they lose their tick. */
import { type Disposable, Disposables } from '../../core/disposable';
import { count } from '../../core/format';
import { Selection } from '../../core/selection';
import { hit, listen } from '../../dom/listen';
import { type Rows, shortId } from './rows';

export class Picks implements Disposable {
  readonly selection = new Selection();
  readonly #release = new Disposables();
  #ticked: ReadonlySet<string> = new Set();

  constructor(
    readonly root: HTMLElement,
    readonly rows: Rows,
  ) {
    this.#release.add(() => document.body.classList.remove('picked'));
    this.#release.add(listen(root, 'click', (event) => this.#click(event)));
    this.#release.add(listen(document, 'click', (event) => hit(event, '[data-clear]') && this.clear()));
    this.#adopt();
  }

  /** Rows that were ticked while this script was still loading stay ticked. */
  #adopt(): void {
    const all = this.root.querySelector<HTMLInputElement>('thead input[type=checkbox]')?.checked === true;
    for (const [id, row] of this.rows.rows) {
      if (all || row.element.querySelector('.pick:checked')) this.selection.set(id, true);
    }
  }

  dispose(): void {
    this.#release.dispose();
  }

  get ids(): string[] {
    return this.rows.visible.filter((id) => this.selection.has(id));
  }

  toggle(id: string): void {
    this.selection.toggle(id);
    this.tell();
  }

  clear(): void {
    this.selection.clear();
    this.tell();
  }

  /** Keeps only ticks on rows that can be seen, and shows all of them. */
  tell(): void {
    const visible = this.rows.visible;
    const reachable = new Set(visible);
    for (const id of this.selection.ids) if (!reachable.has(id)) this.selection.forget(id);
    this.#tick();
    const all = this.root.querySelector<HTMLInputElement>('[data-select-all], thead input[type=checkbox]');
    if (all) {
      all.checked = visible.length > 0 && this.selection.size === visible.length;
      all.indeterminate = this.selection.size > 0 && !all.checked;
    }
    for (const place of document.querySelectorAll('[data-selected]'))
      place.textContent = String(this.selection.size);
    document.body.classList.toggle('picked', this.selection.size > 0);
    const bar = document.querySelector<HTMLElement>('.bulk');
    const whom = count(this.selection.size, 'selected container');
    bar?.setAttribute('aria-label', `Actions for ${whom}`);
    if (bar && this.selection.size > 0)
      bar.dataset.commands = whom; // the palette offers them, too
    else delete bar?.dataset.commands;
  }

  /** Only boxes that are ticked or were: a list of thousands changes many times a second. */
  #tick(): void {
    const chosen = this.selection.ids;
    for (const id of new Set([...this.#ticked, ...chosen])) {
      const box = this.rows.rows.get(id)?.element.querySelector<HTMLInputElement>('.pick');
      if (box && box.checked !== this.selection.has(id)) box.checked = this.selection.has(id);
    }
    this.#ticked = new Set(chosen);
  }

  #click(event: MouseEvent): void {
    const box = hit<HTMLInputElement>(event, 'input.pick, thead input[type=checkbox]');
    if (!box) return;
    if (!box.matches('.pick')) this.selection.setAll(this.rows.visible, box.checked);
    else {
      const id = shortId(box.closest('tr')?.dataset.id ?? '');
      if (event.shiftKey) this.selection.range(id, box.checked, this.rows.visible);
      else this.selection.set(id, box.checked);
    }
    this.tell();
  }
}
