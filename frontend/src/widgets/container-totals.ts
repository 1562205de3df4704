/**
 * The strip of figures above the containers list: what all of them use together (topic `totals`). `data-kpi="cpu"` and so
 * on say which figure goes where; the numbers of containers come with the list itself (widgets/container-table.ts).
 */
import type { Disposable } from '../core/disposable';
import { bytes, count, percent, rate } from '../core/format';
import type { ServerMessage } from '../core/socket';
import { Ring, sparkline } from '../core/sparkline';
import type { Ctx } from '../registry';

const BOX = { places: 60, height: 20 };

type Values = Readonly<Record<string, number | null | undefined>>;

interface Kpi {
  readonly value: (values: Values) => number | null;
  readonly text: (value: number) => string;
  /** A second, smaller text: of how much. */
  readonly of?: (values: Values) => string;
  /** What the spark line's upper edge stands for at least. */
  readonly top: number;
}

function sum(...parts: Array<number | null | undefined>): number | null {
  const known = parts.filter((part) => part != null);
  return known.length === 0 ? null : known.reduce((total, part) => total + part, 0);
}

const KPIS: Readonly<Record<string, Kpi>> = {
  cpu: {
    value: (values) => values.cpu ?? null,
    text: percent,
    of: (values) => (values.cpus ? ` of ${count(values.cpus, 'CPU')}` : ''),
    top: 20,
  },
  memory: {
    value: (values) => values.memory ?? null,
    text: bytes,
    of: (values) => (values.memory_total ? ` / ${bytes(values.memory_total)}` : ''),
    top: 1,
  },
  network: { value: (values) => sum(values.rx, values.tx), text: rate, top: 100_000 },
  block: { value: (values) => sum(values.read, values.write), text: rate, top: 100_000 },
};

class Tile {
  readonly #ring = new Ring(BOX.places);
  readonly #value: Element | null;
  readonly #small: Element | null;
  readonly #area: Element | null;
  readonly #line: Element | null;

  constructor(
    readonly kpi: Kpi,
    element: Element,
  ) {
    this.#value = element.querySelector('.v b');
    this.#small = element.querySelector('.v small');
    this.#area = element.querySelector('path.a');
    this.#line = element.querySelector('path:not(.a)');
  }

  remember(values: Values): void {
    this.#ring.push(this.kpi.value(values));
  }

  show(values: Values): void {
    this.remember(values);
    const value = this.kpi.value(values);
    // "21.4 GiB": the number large, its unit small.
    const [number = '–', unit = ''] = value === null ? [] : split(this.kpi.text(value));
    if (this.#value) this.#value.textContent = number;
    if (this.#small) this.#small.textContent = `${unit}${this.kpi.of?.(values) ?? ''}`;
    const paths = sparkline(this.#ring.values, this.kpi.top, BOX);
    this.#area?.setAttribute('d', paths.area);
    this.#line?.setAttribute('d', paths.line);
  }
}

function split(text: string): [string, string] {
  const at = text.search(/[^\d.]/);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at)];
}

class ContainerTotals implements Disposable {
  readonly #tiles: Tile[] = [];
  readonly #close: () => void;

  constructor(root: HTMLElement, ctx: Ctx) {
    for (const element of root.querySelectorAll<HTMLElement>('[data-kpi]')) {
      const kpi = KPIS[element.dataset.kpi ?? ''];
      if (kpi) this.#tiles.push(new Tile(kpi, element));
    }
    const channel = ctx.socket.open(
      'totals',
      {},
      { retry: true, message: (message) => this.#message(message) },
    );
    this.#close = () => channel.close();
  }

  dispose(): void {
    this.#close();
  }

  #message(message: ServerMessage): void {
    if (message.ev !== 'totals') return;
    for (const past of (message.history ?? []) as Values[])
      for (const tile of this.#tiles) tile.remember(past);
    for (const tile of this.#tiles) tile.show(message as unknown as Values);
  }
}

export function mount(element: HTMLElement, ctx: Ctx): Disposable {
  return new ContainerTotals(element, ctx);
}
