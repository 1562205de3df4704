/** Numbers as people read them; the twin of the template filters in dockerui/web/templatetags/ui.py. */

const IEC = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const SI = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Three significant digits at most, never an exponent: 1.85, 41.2, 412. */
function significant(value: number): string {
  if (value >= 99.95) return value.toFixed(0);
  return value >= 9.995 ? value.toFixed(1).replace(/\.0$/, '') : value.toFixed(2).replace(/\.?0+$/, '');
}

function scaled(value: number, base: number, units: readonly string[]): string {
  let unit = 0;
  let rest = Math.max(0, value);
  // 999.5 and more would round to four digits: the next unit reads better.
  while (rest >= (base === 1000 ? 999.5 : 1000) && unit < units.length - 1) {
    rest /= base;
    unit++;
  }
  return `${unit === 0 ? rest.toFixed(0) : significant(rest)} ${units[unit] ?? ''}`;
}

/** Memory and sizes in binary units: `1.85 GiB`. */
export function bytes(value: number): string {
  return scaled(value, 1024, IEC);
}

/** A rate in decimal units, as networks count: `640 kB/s`. */
export function rate(perSecond: number): string {
  return `${scaled(perSecond, 1000, SI)}/s`;
}

/** How fast bytes of files and images move, in the units in which their sizes are told beside it: `54 MiB/s`. */
export function speed(perSecond: number): string {
  return `${bytes(perSecond)}/s`;
}

/** A percentage (100 is one CPU fully used): one decimal below ten, none for nothing. */
export function percent(value: number): string {
  if (value < 0.05) return '0%';
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)}%`;
}

/** `1 container`, `3 containers`. */
export function count(n: number, singular: string, plural = `${singular}s`): string {
  return `${n} ${n === 1 ? singular : plural}`;
}
