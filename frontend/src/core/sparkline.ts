/** Turns the last values of a row into SVG path data, newest at the right edge. */

export interface SparkBox {
  /** Number of places; also the width of the view box. */
  readonly places: number;
  readonly height: number;
}

export interface SparkPaths {
  readonly line: string;
  /** The line closed down to the base, for the fill. */
  readonly area: string;
}

/**
 * `values` are oldest first, `null` where no sample exists: the line breaks there. `top` is the value at the upper
 * edge; it grows with the largest value, so that a spike is never cut.
 */
export function sparkline(values: readonly (number | null)[], top: number, box: SparkBox): SparkPaths {
  const shown = values.slice(-box.places);
  const highest = Math.max(top, ...shown.map((value) => value ?? 0));
  const offset = box.places - shown.length;
  let line = '';
  let area = '';
  let start = -1;
  const y = (value: number) => (box.height - 1 - (value / highest) * (box.height - 2)).toFixed(1);
  shown.forEach((value, i) => {
    const x = offset + i;
    if (value === null) {
      if (start >= 0) area += `V${box.height}H${start}Z`;
      start = -1;
      return;
    }
    const point = `${start < 0 ? 'M' : 'L'}${x} ${y(value)}`;
    if (start < 0) start = x;
    line += point;
    area += point;
  });
  if (start >= 0) area += `V${box.height}H${start}Z`;
  return { line, area };
}

/** The last `capacity` values of one row. */
export class Ring {
  #values: (number | null)[] = [];

  constructor(readonly capacity: number) {}

  push(value: number | null): void {
    this.#values.push(value);
    if (this.#values.length > this.capacity) this.#values.shift();
  }

  fill(values: readonly (number | null)[]): void {
    this.#values = values.slice(-this.capacity);
  }

  get values(): readonly (number | null)[] {
    return this.#values;
  }
}
