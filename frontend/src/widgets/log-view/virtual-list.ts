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
import { RowWindow } from './row-window';

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

interface Anchor {
  readonly row: number;
  /** Where its top is in the scroll space. */
  readonly y: number;
}

const MOST_HEIGHT = 8_000_000;
const OVERSCAN = 400;
const PREFETCH_ROWS = 150;
const LEAP_SCREENS = 4;
/** This near to the end counts as at the end. */
const NEAR = 6;

export class VirtualList implements Disposable {
  following = true;
  readonly #space = el('div', { class: 'sp', 'aria-hidden': 'true' });
  readonly #window: RowWindow;
  readonly #release = new Disposables();
  #first = 0;
  #next = 0;
  #rowHeight = 20;
  #header: HTMLElement | null = null;
  #footer: HTMLElement | null = null;
  #anchor: Anchor | null = null;
  /** The row that was asked for, so far below the upper edge, until all around it have come. */
  #target: { row: number; readonly ahead: number } | null = null;
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
    this.#window = new RowWindow((row) => source.build(row));
    scroller.replaceChildren(this.#space, this.#window.root);
    this.#release.add(listen(scroller, 'scroll', () => this.#scrolled(), { passive: true }));
    this.#release.add(listen(scroller, 'wheel', (event) => this.#leave(event.deltaY < 0), { passive: true }));
    this.#release.add(listen(scroller, 'touchmove', () => this.#leave(!this.#atEnd()), { passive: true }));
    const resized = new ResizeObserver(() => this.#soon());
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

  /** These rows have come, or look different: they are built anew; all if none are given. */
  refresh(rows?: readonly number[]): void {
    if (this.#window.outdate(rows)) this.#soon();
  }

  /** The rows have got other numbers: the one that was `row` on screen is `now`. */
  renumber(row: number, now: number): void {
    this.#anchor = { row: now, y: this.#window.top + this.#window.offset(row) };
    if (this.#target !== null) this.#target.row += now - row;
    this.#window.outdate();
    this.#soon();
  }

  /** The row at the top of the screen. */
  get topRow(): number {
    const scroll = this.scroller.scrollTop;
    for (let row = this.#window.from; row < this.#window.to; row++) {
      if (this.#window.end(row) > scroll) return row;
    }
    return Math.max(this.#first, Math.min(this.#window.from, this.#next - 1));
  }

  /** Shows a row in the middle of the screen, or just makes sure that it is on it. */
  reveal(row: number, middle: boolean): void {
    const { scrollTop, clientHeight } = this.scroller;
    if (this.#window.has(row) && this.#anchor === null) {
      const top = this.#window.top + this.#window.offset(row);
      if (top >= scrollTop && this.#window.end(row) <= scrollTop + clientHeight) return;
    }
    this.#follow(false);
    const ahead = middle ? (clientHeight - this.#rowHeight) / 2 : this.#rowHeight * 2;
    this.#jump(row, ahead);
    this.#target = this.#window.current ? null : { row, ahead };
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
    this.#target = null;
    if (this.following && !this.#atEnd()) this.#follow(false);
    else if (!this.following && this.#atEnd() && this.#window.to === this.#next) this.#follow(true);
    this.#draw();
  }

  #draw(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.scroller.clientHeight === 0) return;
    if (this.following) this.#drawEnd();
    else this.#hang(this.#anchor ?? this.#aim() ?? this.#present() ?? this.#landing());
    this.#anchor = null;
    if (this.following || this.#window.current) this.#target = null;
    this.#tell();
  }

  /** Rows above it that come are higher than their places were: the one asked for stays where it is all the same. */
  #aim(): Anchor | null {
    return this.#target && { row: this.#target.row, y: this.scroller.scrollTop + this.#target.ahead };
  }

  /** The row at the top if what exists is still on screen. */
  #present(): Anchor | null {
    const { top, height, from, to } = this.#window;
    const { scrollTop, clientHeight } = this.scroller;
    if (to <= from || top >= scrollTop + clientHeight || top + height <= scrollTop) return null;
    const row = this.topRow;
    return this.#window.has(row) ? { row, y: top + this.#window.offset(row) } : null;
  }

  /** The row at the top after a leap: a few screens by wheel or key, or any distance with the thumb. */
  #landing(): Anchor {
    const scroll = this.scroller.scrollTop;
    const leap = scroll - this.#lastScroll;
    const far = Math.abs(leap) > LEAP_SCREENS * this.scroller.clientHeight;
    const row = far ? this.#proportion(scroll) : this.#lastTop + Math.round(leap / this.#rowHeight);
    return { row, y: scroll };
  }

  /** The row that belongs to a place of the thumb. */
  #proportion(scroll: number): number {
    const height = this.scroller.clientHeight;
    const most = Math.max(1, this.#space.offsetHeight - height);
    const rows = this.#next - this.#first - height / this.#rowHeight;
    return Math.floor(this.#first + Math.max(0, Math.min(1, scroll / most) * rows));
  }

  #jump(row: number, ahead: number): void {
    this.#anchor = this.#target = null;
    const share = (row - this.#first) / Math.max(1, this.#next - this.#first);
    const space = Math.min(MOST_HEIGHT, (this.#next - this.#first) * this.#rowHeight);
    this.#setSpace(Math.max(space, this.#space.offsetHeight));
    this.#place(Math.max(0, Math.round(share * Math.max(0, space - this.scroller.clientHeight))));
    this.#hang({ row, y: this.scroller.scrollTop + ahead });
    this.#tell();
  }

  /** Following: the last rows, at the end of the space. */
  #drawEnd(): void {
    const rows = Math.ceil((this.scroller.clientHeight + OVERSCAN) / this.#rowHeight);
    this.#build(Math.max(this.#first, this.#next - rows), this.#next);
    this.#window.top = Math.min(MOST_HEIGHT, (this.#window.from - this.#first) * this.#rowHeight);
    this.#setSpace(this.#window.top + this.#window.height);
    this.#place(this.scroller.scrollHeight);
  }

  /** Builds what is needed around the anchor. */
  #hang(anchor: Anchor): void {
    const row = Math.max(this.#first, Math.min(anchor.row, this.#next - 1));
    const { scrollTop, clientHeight } = this.scroller;
    const up = Math.ceil((anchor.y - scrollTop + OVERSCAN) / this.#rowHeight);
    const down = Math.ceil((scrollTop + clientHeight + OVERSCAN - anchor.y) / this.#rowHeight);
    this.#build(Math.max(this.#first, row - Math.max(0, up)), Math.min(this.#next, row + Math.max(1, down)));
    this.#window.top = anchor.y - this.#window.offset(row);
    this.#balance();
  }

  /** Makes the space fit to what exists: enough room above for the rows above, an end where the rows end. */
  #balance(): void {
    const window = this.#window;
    const above = (window.from - this.#first) * this.#rowHeight;
    const room = above > 0 ? Math.min(above, OVERSCAN) : 0;
    if (window.top < room || (above === 0 && window.top > 0)) {
      const want = Math.min(above, MOST_HEIGHT / 2);
      this.#setSpace(this.#space.offsetHeight + Math.max(0, want - window.top));
      this.#shift(want - window.top);
    }
    const end = window.top + window.height;
    const below = (this.#next - window.to) * this.#rowHeight;
    if (below === 0) this.#setSpace(end);
    else this.#setSpace(Math.min(MOST_HEIGHT, end + below));
    if (below > 0 && end > MOST_HEIGHT - OVERSCAN) this.#shift(-Math.min(MOST_HEIGHT / 2, window.top - room));
  }

  /** Moves rows and scroll position by as much: nothing moves on screen. */
  #shift(pixels: number): void {
    this.#window.top += pixels;
    this.#place(this.scroller.scrollTop + pixels);
  }

  #place(scroll: number): void {
    this.scroller.scrollTop = scroll;
    this.#put = this.scroller.scrollTop;
  }

  #setSpace(height: number): void {
    this.#space.style.height = `${Math.max(0, Math.round(height))}px`;
  }

  #build(from: number, to: number): void {
    this.source.want(from, to, PREFETCH_ROWS);
    const header = from === this.#first ? this.#header : null;
    const footer = to === this.#next ? this.#footer : null;
    this.#window.build(from, to, header, footer);
    if (to <= from) return;
    const height = this.#window.height / (to - from);
    // Slowly, so that one tall row does not make the thumb jump.
    this.#rowHeight = Math.max(8, this.#rowHeight + (height - this.#rowHeight) * 0.2);
    if (Math.abs(this.#rowHeight - height) < 0.5) this.#rowHeight = height;
  }

  #tell(): void {
    const { scrollTop, clientHeight } = this.scroller;
    const first = this.topRow;
    let last = first;
    for (let row = first + 1; row < this.#window.to; row++) {
      if (this.#window.top + this.#window.offset(row) >= scrollTop + clientHeight) break;
      last = row;
    }
    this.#lastTop = first;
    this.#lastScroll = scrollTop;
    const seen = `${first} ${last} ${this.following} ${this.#first} ${this.#next}`;
    if (seen !== this.#seen) this.source.seen(first, last, this.following);
    this.#seen = seen;
    this.source.drawn();
  }
}
