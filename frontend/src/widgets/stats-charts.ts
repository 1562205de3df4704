/**
 * `<div data-widget="stats-charts" data-container-id="…">`: CPU, memory, network, block I/O and processes over time. The
 * `stats` topic sends the recorded history first, then a sample a second; where nothing was measured the line breaks.
 */
import uPlot from 'uplot';
import uPlotCss from 'uplot/dist/uPlot.min.css?inline';
import { type Disposable, Disposables } from '../core/disposable';
import { bytes, percent, rate } from '../core/format';
import { type History, type Metric, type Sample, Series } from '../core/series';
import type { Channel, ServerMessage } from '../core/socket';
import { el } from '../dom/elements';
import { listen } from '../dom/listen';
import { adoptStyle, colorOf } from '../dom/style';
import type { Ctx } from '../registry';

interface Line {
  readonly metric: Metric;
  readonly label: string;
  /** A CSS colour; resolved for the canvas whenever the theme changes. */
  readonly color: string;
}

interface ChartSpec {
  readonly title: string;
  readonly format: (value: number) => string;
  readonly lines: readonly Line[];
  /** The axis reaches at least this high, so that noise near zero does not look like load. */
  readonly least: number;
}

const RANGES = [
  { name: '10m', label: '10 min', seconds: 600 },
  { name: '6h', label: '6 h', seconds: 6 * 3600 },
  { name: '7d', label: '7 d', seconds: 7 * 86_400 },
] as const;

const BLUE = 'var(--accent)';
const VIOLET = 'var(--busy-dot)';
const GREEN = 'var(--ok-dot)';
const AMBER = 'var(--warn-dot)';

const CHARTS: readonly ChartSpec[] = [
  { title: 'CPU', format: percent, least: 5, lines: [{ metric: 'cpu', label: 'CPU', color: BLUE }] },
  {
    title: 'Memory',
    format: bytes,
    least: 1 << 20,
    lines: [{ metric: 'memory', label: 'Memory', color: VIOLET }],
  },
  {
    title: 'Network',
    format: rate,
    least: 1_000,
    lines: [
      { metric: 'rx', label: 'Received', color: GREEN },
      { metric: 'tx', label: 'Sent', color: BLUE },
    ],
  },
  {
    title: 'Block I/O',
    format: rate,
    least: 1_000,
    lines: [
      { metric: 'read', label: 'Read', color: AMBER },
      { metric: 'write', label: 'Written', color: VIOLET },
    ],
  },
  {
    title: 'Processes',
    format: (value) => value.toFixed(0),
    least: 4,
    lines: [{ metric: 'pids', label: 'Processes', color: GREEN }],
  },
];

const HEIGHT = 168;
const AXIS_WIDTH = 66;
const SYNC = 'stats';

const DAY = 86_400;
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const date = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });

/** Ticks as finely as they are apart, in the viewer's own way of writing times. */
function times(_: uPlot, ticks: number[], __: number, ___: number, apart: number): string[] {
  const format = apart >= DAY ? date : apart >= 60 ? clock : seconds;
  return ticks.map((t) => format.format(t * 1000));
}

/** Memory has round ticks in powers of two. */
const BINARY_STEPS = Array.from({ length: 44 }, (_, n) => 2 ** n);

function axis(element: HTMLElement, spec: ChartSpec): uPlot.Axis[] {
  const stroke = colorOf(element, 'var(--text-3)');
  const grid = { stroke: colorOf(element, 'var(--line)'), width: 1 };
  const font = '11px Inter, system-ui, sans-serif';
  const values = (_: uPlot, ticks: number[]) => ticks.map(spec.format);
  const steps = spec.format === bytes ? { incrs: BINARY_STEPS } : {};
  return [
    { stroke, grid: { show: false }, ticks: { show: false }, font, size: 30, values: times },
    { stroke, grid, ticks: { show: false }, font, size: AXIS_WIDTH, values, ...steps },
  ];
}

function lines(element: HTMLElement, spec: ChartSpec): uPlot.Series[] {
  return spec.lines.map((line, i) => {
    const stroke = colorOf(element, line.color);
    const area = colorOf(element, `color-mix(in oklab, ${line.color} 14%, transparent)`);
    return {
      label: line.label,
      stroke,
      width: 1.5,
      ...(i === 0 ? { fill: area } : {}),
      points: { show: false },
      spanGaps: false,
      value: (_: uPlot, value: number | null) => (value === null ? '—' : spec.format(value)),
    };
  });
}

/** One card: title, current values, chart. */
class Chart implements Disposable {
  readonly card: HTMLElement;
  readonly #now = el('span', { class: 'now num' });
  readonly #plotArea = el('div', { class: 'plot' });
  #plot: uPlot | null = null;

  constructor(
    readonly spec: ChartSpec,
    readonly series: Series,
  ) {
    const heading = el('header', {}, el('h2', {}, spec.title), this.#now);
    this.card = el('section', { class: 'card chart', 'aria-label': spec.title }, heading, this.#plotArea);
  }

  /** (Re)builds the canvas in the colours of the moment. */
  build(): void {
    this.#plot?.destroy();
    const options: uPlot.Options = {
      width: this.#plotArea.clientWidth || 400,
      height: HEIGHT,
      axes: axis(this.card, this.spec),
      series: [
        { value: (_, t) => (t === null ? '' : moment.format(t * 1000)) },
        ...lines(this.card, this.spec),
      ],
      scales: { y: { range: (_, __, max) => [0, Math.max(this.spec.least, (max ?? 0) * 1.1)] } },
      cursor: { y: false, sync: { key: SYNC }, points: { size: 6 }, drag: { x: false, y: false } },
      legend: { live: true },
      padding: [10, 12, 0, 0],
    };
    this.#plot = new uPlot(options, this.#data(), this.#plotArea);
  }

  resize(): void {
    const width = this.#plotArea.clientWidth;
    if (width > 0 && this.#plot && this.#plot.width !== width) this.#plot.setSize({ width, height: HEIGHT });
  }

  draw(from: number, to: number, suffix: string): void {
    this.#plot?.batch(() => {
      this.#plot?.setData(this.#data(), false);
      this.#plot?.setScale('x', { min: from, max: to });
    });
    const values = this.spec.lines.map((line) => {
      const value = this.series.last(line.metric);
      const text = value === null ? '—' : this.spec.format(value);
      return this.spec.lines.length > 1 ? `${line.label} ${text}` : text;
    });
    const text = values.join(' · ') + suffix;
    if (this.#now.textContent !== text) this.#now.textContent = text;
  }

  dispose(): void {
    this.#plot?.destroy();
    this.card.remove();
  }

  #data(): uPlot.AlignedData {
    const columns = this.spec.lines.map((line) => this.series.column(line.metric));
    return [this.series.times, ...columns] as unknown as uPlot.AlignedData;
  }
}

class StatsCharts implements Disposable {
  readonly #release = new Disposables();
  readonly #series = new Series(RANGES[0].seconds);
  readonly #charts: Chart[];
  readonly #channel: Channel;
  readonly #note = el('p', { class: 'note', role: 'status', hidden: true });
  #range: (typeof RANGES)[number] = RANGES[0];
  #memoryLimit: number | null = null;
  #drawing = 0;

  constructor(
    readonly root: HTMLElement,
    ctx: Ctx,
  ) {
    adoptStyle(uPlotCss);
    this.#charts = CHARTS.map((spec) => new Chart(spec, this.#series));
    const grid = el('div', { class: 'chart-grid' }, ...this.#charts.map((chart) => chart.card));
    root.replaceChildren(this.#rangePicker(), this.#note, grid);
    for (const chart of this.#charts) {
      chart.build();
      this.#release.add(chart);
    }
    const resized = new ResizeObserver(() => {
      for (const chart of this.#charts) chart.resize();
    });
    resized.observe(grid);
    this.#release.add(() => resized.disconnect());
    this.#release.add(ctx.theme.onChange(() => this.#rebuild()));
    this.#release.add(() => cancelAnimationFrame(this.#drawing));
    this.#channel = this.#subscribe(ctx);
    this.#release.add(() => this.#channel.close());
    this.#drawSoon(); // axes at once, even if nothing was measured yet
  }

  dispose(): void {
    this.#release.dispose();
  }

  #subscribe(ctx: Ctx): Channel {
    const id = this.root.dataset.containerId ?? '';
    return ctx.socket.open(
      'stats',
      { id, history: this.#range.name },
      {
        retry: true,
        resume: () => ({ history: this.#range.name }),
        message: (message) => this.#message(message),
        dropped: () => this.#say('Connection lost: the charts stop here until it is back.'),
      },
    );
  }

  #message(message: ServerMessage): void {
    if (message.ev === 'open') this.#say('');
    else if (message.ev === 'history') {
      this.#series.reset(message as unknown as History);
      this.#limit(message);
      this.#drawSoon();
    } else if (message.ev === 'sample') {
      this.#say('');
      this.#series.push(message as unknown as Sample);
      this.#limit(message);
      this.#say('');
      this.#drawSoon();
    } else if (message.ev === 'stopped')
      this.#say('The container does not run. The charts show what was recorded before.');
    else if (message.ev === 'error') this.#say(String(message.message));
  }

  #limit(message: ServerMessage): void {
    if (typeof message.memory_limit === 'number') this.#memoryLimit = message.memory_limit;
  }

  #say(text: string): void {
    this.#note.textContent = text;
    this.#note.hidden = text === '';
  }

  #rangePicker(): HTMLElement {
    const choices = RANGES.map((range) => {
      const radio = el('input', {
        type: 'radio',
        name: 'range',
        value: range.name,
        checked: range === this.#range,
      });
      return el('label', {}, radio, range.label);
    });
    const picker = el('div', { class: 'seg', role: 'radiogroup', 'aria-label': 'Time range' }, ...choices);
    this.#release.add(
      listen(picker, 'change', (event) => {
        const chosen = RANGES.find((range) => range.name === (event.target as HTMLInputElement).value);
        if (chosen) this.#choose(chosen);
      }),
    );
    return el('div', { class: 'tools' }, picker);
  }

  #choose(range: (typeof RANGES)[number]): void {
    this.#range = range;
    this.#series.seconds = range.seconds;
    this.#channel.send('range', { range: range.name });
  }

  #rebuild(): void {
    for (const chart of this.#charts) chart.build();
    this.#drawSoon();
  }

  /** At most once a frame; a hidden tab has no frames and so draws nothing. */
  #drawSoon(): void {
    cancelAnimationFrame(this.#drawing);
    this.#drawing = requestAnimationFrame(() => {
      const to = Math.max(Date.now() / 1000, this.#series.times.at(-1) ?? 0);
      const limit = this.#memoryLimit ? ` of ${bytes(this.#memoryLimit)}` : '';
      for (const chart of this.#charts) {
        chart.draw(to - this.#range.seconds, to, chart.spec.title === 'Memory' ? limit : '');
      }
    });
  }
}

export function mount(element: HTMLElement, ctx: Ctx): Disposable {
  return new StatsCharts(element, ctx);
}
