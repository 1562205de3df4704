/**
 * A list of any number of rows of any height, of which only those near the screen exist.
 *
 * The scroll space is an estimate; what is on screen is exact. Rows hang on an anchor: a row whose top must stay where
 * it is while others are built, measured or removed around it. So the estimate never shows, except in where the thumb
 * of the scroll bar is. Browsers cap the height of an element, so the space is capped too and then the thumb is a
 * proportion.
 */
import { type Disposable, Disposables } from '../../core/disposable';
import { el } from '../../dom/elements';
import { listen } from '../../dom/listen';

export interface RowSource {
  /** Makes the element of a row; undefined while the row is not there yet. */
  build(row: number): HTMLElement | undefined;
  /** Fetches rows `[from, to)` and some around them, as far as they are missing; then `refresh` is called. */
  want(from: number, to: number, margin: number): void;
  /** The rows on screen, whenever they change. */
  seen(first: number, last: number, following: boolean): void;
  /** What is on screen is up to date. */
  drawn(): void;
}

const MOST_HEIGHT = 8_000_000;
const OVERSCAN = 400;
const PREFETCH_ROWS = 150;
const LEAP_SCREENS = 4;
/** This near to the end counts as at the end. */
const NEAR = 6;

interface Built {
  readonly node: HTMLElement;
  readonly real: boolean;
}

export class VirtualList implements Disposable {
  following = true;
  readonly #space = el('div', { class: 'sp', 'aria-hidden': 'true' });
  readonly #window = el('div', { class: 'win' });
  readonly #release = new Disposables();
  #first = 0;
  #next = 0;
  #from = 0;
  #to = 0;
  #top = 0;
  #rowHeight = 20;
  #built = new Map<number, Built>();
  #header: HTMLElement | null = null;
  #footer: HTMLElement | null = null;
  #frame = 0;
  #seen = '';
  #lastTop = 0;
  #lastScroll = 0;
  /** Where the scroller was put by us: not by the reader. */
  #put = -1;

  constructor(
    readonly scroller: HTMLElement,
    readonly source: RowSource,
    readonly followChanged: (following: boolean) => void,
  ) {
    scroller.replaceChildren(this.#space, this.#window);
    this.#release.add(listen(scroller, 'scroll', () => this.#scrolled(), { passive: true }));
    this.#release.add(listen(scroller, 'wheel', (event) => this.#leave(event.deltaY < 0), { passive: true }));
    this.#release.add(listen(scroller, 'touchmove', () => this.#leave(!this.#atEnd()), { passive: true }));
    const resized = new ResizeObserver(() => this.redraw());
    resized.observe(scroller);
    this.#release.add(() => resized.disconnect());
  }

  /** Elements before the first and after the last row; null for none. */
  edges(header: HTMLElement | null, footer: HTMLElement | null): void {
    this.#header = header;
    this.#footer = footer;
  }

  /** Rows are `[first, next)` now; those that are built stay as they are. */
  range(first: number, next: number): void {
    this.#first = first;
    this.#next = next;
    this.#soon();
  }

  /** These rows have come, or look different: they are built anew. */
  refresh(rows: readonly number[]): void {
    let seen = false;
    for (const row of rows) {
      const built = this.#built.get(row);
      if (!built) continue;
      this.#built.set(row, { node: built.node, real: false });
      seen = true;
    }
    if (seen) this.#soon();
  }

  /** Everything looks different: all rows are built anew, the one at the top stays there. */
  redraw(): void {
    this.#built.clear();
    this.#soon();
  }

  /** The rows have got other numbers: the one that was `row` on screen is `now`. */
  renumber(row: number, now: number): void {
    this.#built.clear();
    const shift = now - row;
    this.#from += shift;
    this.#to += shift;
    this.#soon();
  }

  /** The row at the top of the screen. */
  get topRow(): number {
    const scroll = this.scroller.scrollTop;
    for (let row = this.#from; row < this.#to; row++) {
      const node = this.#built.get(row)?.node;
      if (node && this.#top + node.offsetTop + node.offsetHeight > scroll) return row;
    }
    return Math.max(this.#first, Math.min(this.#from, this.#next - 1));
  }

  /** The element of a row if it is built. */
  element(row: number): HTMLElement | null {
    return this.#built.get(row)?.node ?? null;
  }

  /** Shows a row in the middle of the screen, or just makes sure that it is on it. */
  reveal(row: number, middle: boolean): void {
    const node = this.#built.get(row)?.node;
    const { scrollTop, clientHeight } = this.scroller;
    if (node && row >= this.#from && row < this.#to) {
      const top = this.#top + node.offsetTop;
      if (top >= scrollTop && top + node.offsetHeight <= scrollTop + clientHeight) return;
    }
    this.#follow(false);
    const ahead = middle ? (clientHeight - this.#rowHeight) / 2 : this.#rowHeight * 2;
    this.#jump(row, ahead);
  }

  /** Goes to the end and stays there. */
  toEnd(): void {
    this.#follow(true);
    this.#draw();
  }

  toStart(): void {
    this.#follow(false);
    this.#jump(this.#first, 0);
  }

  /** Scrolls by a part of the screen. */
  page(screens: number): void {
    if (screens < 0) this.#leave(true);
    this.scroller.scrollTop += screens * this.scroller.clientHeight;
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#release.dispose();
  }

  #soon(): void {
    if (this.#frame === 0) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #leave(leave: boolean): void {
    if (leave && this.scroller.scrollHeight > this.scroller.clientHeight) this.#follow(false);
  }

  #follow(following: boolean): void {
    if (following === this.following) return;
    this.following = following;
    this.followChanged(following);
  }

  #atEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.scroller;
    return scrollTop + clientHeight >= scrollHeight - NEAR;
  }

  #scrolled(): void {
    const scroll = this.scroller.scrollTop;
    if (Math.abs(scroll - this.#put) < 1) return;
    this.#put = -1;
    if (this.following && !this.#atEnd()) this.#follow(false);
    else if (!this.following && this.#atEnd() && this.#to === this.#next) this.#follow(true);
    this.#draw();
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.scroller.clientHeight === 0) return;
    if (this.following) this.#drawEnd();
    else {
      const scroll = this.scroller.scrollTop;
      const height = this.#window.offsetHeight;
      const onScreen = this.#top < scroll + this.scroller.clientHeight && this.#top + height > scroll;
      const row = onScreen && this.#to > this.#from ? this.topRow : this.#landing(scroll);
      const node = this.#built.get(row)?.node;
      if (onScreen && node && row >= this.#from && row < this.#to)
        this.#hang(row, this.#top + node.offsetTop);
      else this.#hang(row, scroll);
    }
    this.#tell();
  }

  /** The row at the top after a leap: a few screens by wheel or key, or any distance with the thumb. */
  #landing(scroll: number): number {
    const leap = scroll - this.#lastScroll;
    if (Math.abs(leap) > LEAP_SCREENS * this.scroller.clientHeight) return this.#proportion(scroll);
    return this.#lastTop + Math.round(leap / this.#rowHeight);
  }

  /** The row that belongs to a place of the thumb. */
  #proportion(scroll: number): number {
    const height = this.scroller.clientHeight;
    const most = Math.max(1, this.#space.offsetHeight - height);
    const rows = this.#next - this.#first - height / this.#rowHeight;
    return Math.floor(this.#first + Math.max(0, Math.min(1, scroll / most) * rows));
  }

  #jump(row: number, ahead: number): void {
    const share = (row - this.#first) / Math.max(1, this.#next - this.#first);
    const space = Math.min(MOST_HEIGHT, (this.#next - this.#first) * this.#rowHeight);
    const scroll = Math.max(0, Math.round(share * Math.max(0, space - this.scroller.clientHeight)));
    this.#setSpace(Math.max(space, this.#space.offsetHeight));
    this.#place(scroll);
    this.#hang(row, this.scroller.scrollTop + ahead);
    this.#tell();
  }

  /** Following: the last rows, at the end of the space. */
  #drawEnd(): void {
    const height = this.scroller.clientHeight;
    const rows = Math.ceil((height + OVERSCAN) / this.#rowHeight);
    this.#build(Math.max(this.#first, this.#next - rows), this.#next);
    const above = Math.min(MOST_HEIGHT, (this.#from - this.#first) * this.#rowHeight);
    this.#setTop(above);
    this.#setSpace(above + this.#window.offsetHeight);
    this.#place(this.scroller.scrollHeight);
  }

  /** Builds what is needed around `row`, whose top is to be at `y`. */
  #hang(anchor: number, y: number): void {
    const row = Math.max(this.#first, Math.min(anchor, this.#next - 1));
    const scroll = this.scroller.scrollTop;
    const up = Math.ceil((y - scroll + OVERSCAN) / this.#rowHeight);
    const down = Math.ceil((scroll + this.scroller.clientHeight + OVERSCAN - y) / this.#rowHeight);
    this.#build(Math.max(this.#first, row - Math.max(0, up)), Math.min(this.#next, row + Math.max(1, down)));
    const node = this.#built.get(row)?.node;
    this.#setTop(y - (node?.offsetTop ?? 0));
    this.#balance();
  }

  /** Makes the space fit to what is built: enough room above for the rows above, an end where the rows end. */
  #balance(): void {
    const above = (this.#from - this.#first) * this.#rowHeight;
    const room = above > 0 ? Math.min(above, OVERSCAN) : 0;
    if (this.#top < room || (above === 0 && this.#top > 0)) {
      const want = Math.min(above, MOST_HEIGHT / 2);
      const shift = want - this.#top;
      this.#setTop(want);
      this.#setSpace(this.#space.offsetHeight + Math.max(0, shift));
      this.#place(this.scroller.scrollTop + shift);
    }
    const end = this.#top + this.#window.offsetHeight;
    const below = (this.#next - this.#to) * this.#rowHeight;
    if (below === 0) this.#setSpace(end);
    else if (end + below <= MOST_HEIGHT) this.#setSpace(end + below);
    else if (end > MOST_HEIGHT - OVERSCAN) {
      const shift = Math.min(MOST_HEIGHT / 2, this.#top - room);
      this.#setTop(this.#top - shift);
      this.#setSpace(MOST_HEIGHT);
      this.#place(this.scroller.scrollTop - shift);
    } else this.#setSpace(MOST_HEIGHT);
  }

  #place(scroll: number): void {
    this.scroller.scrollTop = scroll;
    this.#put = this.scroller.scrollTop;
  }

  #setTop(top: number): void {
    this.#top = top;
    this.#window.style.transform = `translateY(${top}px)`;
  }

  #setSpace(height: number): void {
    this.#space.style.height = `${Math.max(0, Math.round(height))}px`;
  }

  /** Makes `[from, to)` the rows that exist. Elements of rows that stay are not touched: selections in them hold. */
  #build(from: number, to: number): void {
    this.source.want(from, to, PREFETCH_ROWS);
    const nodes: HTMLElement[] = [];
    const kept = new Map<number, Built>();
    if (from === this.#first && this.#header) nodes.push(this.#header);
    for (let row = from; row < to; row++) {
      const old = this.#built.get(row);
      const made = old?.real ? old : this.#make(row, old);
      kept.set(row, made);
      nodes.push(made.node);
    }
    if (to === this.#next && this.#footer) nodes.push(this.#footer);
    this.#built = kept;
    this.#from = from;
    this.#to = to;
    sync(this.#window, nodes);
    if (to > from) this.#measure(from, to);
  }

  #make(row: number, old: Built | undefined): Built {
    const node = this.source.build(row);
    if (node) return { node, real: true };
    return old ?? { node: el('div', { class: 'll' }), real: false };
  }

  #measure(from: number, to: number): void {
    const height = this.#window.offsetHeight / (to - from);
    // Slowly, so that one tall row does not make the thumb jump.
    this.#rowHeight = Math.max(8, this.#rowHeight + (height - this.#rowHeight) * 0.2);
    if (Math.abs(this.#rowHeight - height) < 0.5) this.#rowHeight = height;
  }

  #tell(): void {
    const { scrollTop, clientHeight } = this.scroller;
    let first = -1;
    let last = this.#from;
    for (let row = this.#from; row < this.#to; row++) {
      const node = this.#built.get(row)?.node as HTMLElement;
      const top = this.#top + node.offsetTop;
      if (top + node.offsetHeight <= scrollTop) continue;
      if (first < 0) first = row;
      if (top >= scrollTop + clientHeight) break;
      last = row;
    }
    this.#lastTop = first < 0 ? this.#from : first;
    this.#lastScroll = scrollTop;
    const seen = `${first} ${last} ${this.following} ${this.#first} ${this.#next}`;
    if (seen !== this.#seen) this.source.seen(first < 0 ? this.#from : first, last, this.following);
    this.#seen = seen;
    this.source.drawn();
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
