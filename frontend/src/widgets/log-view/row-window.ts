/** The rows of a virtual list that exist: a run of elements, one below the other, somewhere in the scroll space. */
import { el } from '../../dom/elements';

interface Built {
  readonly node: HTMLElement;
  /** The element shows the row as it is now; otherwise it only holds its place. */
  readonly current: boolean;
}

export class RowWindow {
  readonly root = el('div', { class: 'win' });
  /** Rows `[from, to)` exist. */
  from = 0;
  to = 0;
  #rows = new Map<number, Built>();
  #top = 0;

  constructor(readonly make: (row: number) => HTMLElement | undefined) {}

  /** Where the window begins in the scroll space, in pixels. */
  get top(): number {
    return this.#top;
  }

  set top(top: number) {
    this.#top = top;
    this.root.style.transform = `translateY(${top}px)`;
  }

  get height(): number {
    return this.root.offsetHeight;
  }

  /** Whether all that exist show their rows as they are now. */
  get current(): boolean {
    return [...this.#rows.values()].every((row) => row.current);
  }

  has(row: number): boolean {
    return row >= this.from && row < this.to;
  }

  /** Where a row begins within the window, 0 for one that does not exist. */
  offset(row: number): number {
    return this.#rows.get(row)?.node.offsetTop ?? 0;
  }

  /** Where a row ends in the scroll space. */
  end(row: number): number {
    const node = this.#rows.get(row)?.node;
    return this.#top + (node ? node.offsetTop + node.offsetHeight : 0);
  }

  /** Makes `[from, to)` the rows that exist. Elements of rows that stay are not touched: selections in them hold. */
  build(from: number, to: number, header: HTMLElement | null, footer: HTMLElement | null): void {
    const nodes: HTMLElement[] = header ? [header] : [];
    const kept = new Map<number, Built>();
    for (let row = from; row < to; row++) {
      const old = this.#rows.get(row);
      const built = old?.current ? old : this.#build(row, old);
      kept.set(row, built);
      nodes.push(built.node);
    }
    if (footer) nodes.push(footer);
    this.#rows = kept;
    this.from = from;
    this.to = to;
    sync(this.root, nodes);
  }

  /** Rows that look different now are built anew the next time, all if none are given. True if any exists. */
  outdate(rows: Iterable<number> = [...this.#rows.keys()]): boolean {
    let any = false;
    for (const row of rows) {
      const built = this.#rows.get(row);
      if (!built) continue;
      this.#rows.set(row, { node: built.node, current: false });
      any = true;
    }
    return any;
  }

  #build(row: number, old: Built | undefined): Built {
    const node = this.make(row);
    if (node) return { node, current: true };
    return old ?? { node: el('div', { class: 'll' }), current: false };
  }
}

/** Makes `nodes` the children of a parent with as few moves as possible: they only come and go at the ends. */
function sync(parent: HTMLElement, nodes: readonly HTMLElement[]): void {
  const wanted = new Set<Node>(nodes);
  for (const child of [...parent.childNodes]) if (!wanted.has(child)) child.remove();
  let next = parent.firstChild;
  for (const node of nodes) {
    if (node === next) next = next.nextSibling;
    else parent.insertBefore(node, next);
  }
}
