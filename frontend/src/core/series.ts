/** A container's figures over time, as columns for charts: bounded, at one step, gaps as gaps. */

export const METRICS = ['cpu', 'memory', 'rx', 'tx', 'read', 'write', 'pids'] as const;
export type Metric = (typeof METRICS)[number];

/** One measurement: Unix seconds, and what is known. */
export interface Sample extends Partial<Record<Metric, number | null>> {
  readonly t: number;
}

/** What the `stats` topic sends first: equally long columns, oldest first. */
export interface History extends Partial<Record<Metric, readonly (number | null)[]>> {
  readonly t: readonly number[];
  /** Seconds between points. */
  readonly step: number;
}

/** More than this many steps without a point is a gap. */
const GAP_STEPS = 2.5;

export class Series {
  #t: number[] = [];
  #columns = new Map<Metric, (number | null)[]>(METRICS.map((metric) => [metric, []]));
  #step = 1;
  /** How many samples the last point is the mean of. */
  #merged = 1;

  /** `seconds` is how far back the series reaches. */
  constructor(public seconds: number) {}

  get times(): readonly number[] {
    return this.#t;
  }

  column(metric: Metric): readonly (number | null)[] {
    return this.#columns.get(metric) ?? [];
  }

  last(metric: Metric): number | null {
    return this.#columns.get(metric)?.at(-1) ?? null;
  }

  /** Starts over with what was recorded before. */
  reset(history: History): void {
    this.#step = history.step;
    this.#t = [];
    for (const column of this.#columns.values()) column.length = 0;
    history.t.forEach((t, i) => {
      const sample: Record<string, number | null> = {};
      for (const metric of METRICS) sample[metric] = history[metric]?.[i] ?? null;
      this.#append({ t, ...sample });
    });
    this.#merged = 1;
  }

  /** Adds a live sample; samples closer together than the step become their mean. */
  push(sample: Sample): void {
    const last = this.#t.at(-1);
    if (last !== undefined && sample.t <= last) return;
    if (
      last !== undefined &&
      this.#step > 1 &&
      Math.floor(sample.t / this.#step) === Math.floor(last / this.#step)
    ) {
      this.#merge(sample);
    } else {
      this.#append(sample);
      this.#merged = 1;
    }
    this.#trim(sample.t - this.seconds);
  }

  #merge(sample: Sample): void {
    this.#merged++;
    for (const [metric, column] of this.#columns) {
      const mean = column.at(-1);
      const value = sample[metric];
      if (value == null) continue;
      column[column.length - 1] = mean == null ? value : mean + (value - mean) / this.#merged;
    }
  }

  #append(sample: Sample): void {
    const last = this.#t.at(-1);
    if (last !== undefined && sample.t - last > this.#step * GAP_STEPS) this.#write({ t: last + this.#step });
    this.#write(sample);
  }

  #write(sample: Sample): void {
    this.#t.push(sample.t);
    for (const [metric, column] of this.#columns) column.push(sample[metric] ?? null);
  }

  #trim(before: number): void {
    let old = 0;
    while ((this.#t[old] ?? before) < before) old++;
    if (old === 0) return;
    this.#t.splice(0, old);
    for (const column of this.#columns.values()) column.splice(0, old);
  }
}
