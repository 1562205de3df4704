/** The strip above the log: how many lines came when. A click jumps there. */
import type { HistogramData } from '../../core/logprotocol';
import { el, svg } from '../../dom/elements';
import { listen } from '../../dom/listen';

const WIDTH = 960;
const HEIGHT = 40;
const GAP = 2;
const LEAST = 1.5;

export class HistogramStrip {
  readonly root = el('div', { class: 'hist', 'aria-hidden': 'true' });
  readonly #svg = svg('svg', { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: 'none' });
  readonly #cursor = svg('rect', { class: 'now', y: '0', height: String(HEIGHT), width: '0' });
  readonly #tip = el('output', { class: 'hist-tip', hidden: true });
  #data: HistogramData | null = null;
  #rects: SVGRectElement[] = [];

  constructor(jump: (ms: number) => void) {
    this.root.append(this.#svg, this.#tip);
    listen(this.root, 'click', (event) => {
      const time = this.#timeAt(event);
      if (time !== null) jump(time);
    });
    listen(this.root, 'pointermove', (event) => this.#point(event));
    listen(this.root, 'pointerleave', () => {
      this.#tip.hidden = true;
    });
  }

  draw(data: HistogramData | null): void {
    this.#data = data;
    let used = 0;
    const put = (x: number, y: number, height: number, width: number, cls: string) => {
      const rect = this.#rects[used] ?? svg('rect');
      this.#rects[used++] = rect;
      rect.setAttribute('x', x.toFixed(1));
      rect.setAttribute('y', y.toFixed(1));
      rect.setAttribute('width', width.toFixed(1));
      rect.setAttribute('height', height.toFixed(1));
      rect.setAttribute('class', cls);
    };
    if (data) drawBars(data, put);
    this.#rects.length = used;
    this.#svg.replaceChildren(this.#cursor, ...this.#rects);
  }

  /** Marks what is on screen; milliseconds. */
  window(from: number, to: number): void {
    const data = this.#data;
    if (!data) return;
    const x = (ms: number) =>
      (Math.max(0, Math.min(1, (ms - data.from) / (data.to - data.from))) * WIDTH) as number;
    this.#cursor.setAttribute('x', x(from).toFixed(1));
    this.#cursor.setAttribute('width', Math.max(3, x(to) - x(from)).toFixed(1));
  }

  #timeAt(event: MouseEvent): number | null {
    if (!this.#data) return null;
    const box = this.#svg.getBoundingClientRect();
    const share = Math.max(0, Math.min(1, (event.clientX - box.left) / Math.max(1, box.width)));
    return this.#data.from + share * (this.#data.to - this.#data.from);
  }

  #point(event: PointerEvent): void {
    const time = this.#timeAt(event);
    const data = this.#data;
    if (time === null || !data) return;
    const bar = Math.min(
      data.other.length - 1,
      Math.floor(((time - data.from) / (data.to - data.from)) * data.other.length),
    );
    const [other, warn, error] = [data.other, data.warn, data.error].map((values) => values[bar] ?? 0) as [
      number,
      number,
      number,
    ];
    const parts = [`${other + warn + error} lines`];
    if (warn) parts.push(`${warn} warnings`);
    if (error) parts.push(`${error} errors`);
    this.#tip.textContent = `${new Date(time).toLocaleTimeString()} · ${parts.join(', ')}`;
    this.#tip.hidden = false;
    const box = this.root.getBoundingClientRect();
    const left = Math.min(box.width - this.#tip.offsetWidth - 4, Math.max(4, event.clientX - box.left + 10));
    this.#tip.style.left = `${left}px`;
  }
}

type Put = (x: number, y: number, height: number, width: number, cls: string) => void;

function drawBars(data: HistogramData, put: Put): void {
  const bars = data.other.length;
  const step = WIDTH / bars;
  let most = 1;
  for (let i = 0; i < bars; i++) most = Math.max(most, total(data, i));
  for (let i = 0; i < bars; i++) {
    let y = HEIGHT;
    for (const [values, cls] of [
      [data.other, ''],
      [data.warn, 'w'],
      [data.error, 'e'],
    ] as const) {
      const n = values[i] ?? 0;
      if (n === 0) continue;
      const height = Math.max(LEAST, (n / most) * HEIGHT);
      y -= height;
      put(i * step, Math.max(0, y), height, step - GAP, cls);
    }
  }
}

function total(data: HistogramData, i: number): number {
  return (data.other[i] ?? 0) + (data.warn[i] ?? 0) + (data.error[i] ?? 0);
}
