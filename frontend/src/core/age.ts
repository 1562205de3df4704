/** How long ago, in the two or three characters that a table cell has room for. */

const STEPS: ReadonlyArray<readonly [seconds: number, unit: string]> = [
  [365 * 86_400, 'y'],
  [30 * 86_400, 'mo'],
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'm'],
  [1, 's'],
];

/** `6 d` for a span in seconds; spans below a second (and clocks that disagree) are `0 s`. */
export function span(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  for (const [size, unit] of STEPS) {
    if (whole >= size) return `${Math.floor(whole / size)} ${unit}`;
  }
  return '0 s';
}

/** `6 d ago`, `just now`, `in 5 m`; both times in milliseconds since the epoch. */
export function ago(then: number, now: number): string {
  const seconds = (now - then) / 1000;
  if (Math.abs(seconds) < 1) return 'just now';
  return seconds < 0 ? `in ${span(-seconds)}` : `${span(seconds)} ago`;
}

/** Docker writes this for "never"; so do we. */
export function isNever(iso: string): boolean {
  return iso === '' || iso.startsWith('0001-01-01');
}
