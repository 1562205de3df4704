/** The live cells of a row and of a group's header. Writes only what changed; never reads layout. */
import { bytes, percent, rate } from '../../core/format';
import { Ring, sparkline } from '../../core/sparkline';
import type { Figures, RollUp } from '../../core/table';

/** One container's measurement as the `stats` topic sends it; rates per second. */
export interface Usage {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly memoryLimit: number | null;
  readonly rx: number | null;
  readonly tx: number | null;
}

const BOX = { places: 48, height: 20 };
/** A line near the bottom means idle: below this many per cent of a CPU nothing rises to the top. */
const CPU_TOP = 20;
const CPU_HOT = 80;
const MEMORY_WARM = 80;
const MEMORY_HOT = 92;

interface Refs {
  readonly cpu: Element | null;
  readonly spark: Element | null;
  readonly area: Element | null;
  readonly line: Element | null;
  readonly memory: Element | null;
  readonly limit: Element | null;
  readonly meter: Element | null;
  readonly bar: Element | null;
  readonly rx: Element | null;
  readonly tx: Element | null;
}

function find(row: Element): Refs {
  const [rx = null, tx = null] = row.querySelectorAll('.c-net .nn b');
  return {
    cpu: row.querySelector('.c-cpu b'),
    spark: row.querySelector('.c-cpu .spark'),
    area: row.querySelector('.c-cpu path.a'),
    line: row.querySelector('.c-cpu path:not(.a)'),
    memory: row.querySelector('.c-mem b'),
    limit: row.querySelector('.c-mem .num span'),
    meter: row.querySelector('.c-mem .meter'),
    bar: row.querySelector('.c-mem rect'),
    rx,
    tx,
  };
}

function put(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

function set(element: Element | null, name: string, value: string): void {
  if (element && element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** The figures of one row: its ring of CPU values and the nodes that show them. */
export class LiveCells {
  readonly #ring = new Ring(BOX.places);
  #refs: Refs | null = null;

  constructor(readonly row: Element) {}

  /** Values from before the row was watched, oldest first. */
  remember(cpu: readonly (number | null)[]): void {
    this.#ring.fill(cpu);
  }

  show(usage: Usage): Figures {
    this.#ring.push(usage.cpu);
    this.#draw(usage);
    const network = usage.rx === null && usage.tx === null ? null : (usage.rx ?? 0) + (usage.tx ?? 0);
    return { cpu: usage.cpu, memory: usage.memory, network };
  }

  #draw(usage: Usage): void {
    // The cells are replaced when the container stops or starts.
    if (!this.#refs?.cpu?.isConnected) this.#refs = find(this.row);
    const refs = this.#refs;
    put(refs.cpu, usage.cpu === null ? '—' : percent(usage.cpu));
    const paths = sparkline(this.#ring.values, CPU_TOP, BOX);
    set(refs.area, 'd', paths.area);
    set(refs.line, 'd', paths.line);
    refs.spark?.classList.toggle('hot', (usage.cpu ?? 0) >= CPU_HOT);
    put(refs.memory, usage.memory === null ? '—' : bytes(usage.memory));
    put(refs.limit, usage.memoryLimit === null ? '' : bytes(usage.memoryLimit));
    const share = usage.memoryLimit ? ((usage.memory ?? 0) / usage.memoryLimit) * 100 : 0;
    set(refs.bar, 'width', `${Math.min(100, share).toFixed(1)}%`);
    refs.meter?.classList.toggle('warm', share >= MEMORY_WARM && share < MEMORY_HOT);
    refs.meter?.classList.toggle('hot', share >= MEMORY_HOT);
    put(refs.rx, usage.rx === null ? '—' : rate(usage.rx));
    put(refs.tx, usage.tx === null ? '—' : rate(usage.tx));
  }
}

/** Writes the sums into a group's header; what is not known in full is not shown. */
export function showRollUp(header: Element, sum: RollUp): void {
  const write = (selector: string, text: string | null) => {
    const part = header.querySelector<HTMLElement>(selector);
    if (!part) return;
    part.hidden = text === null;
    if (text !== null) put(part.querySelector('b'), text);
  };
  write('.g-cpu', sum.cpu === null ? null : percent(sum.cpu));
  write('.g-mem', sum.memory === null ? null : bytes(sum.memory));
}
