/** Times of log lines: whole seconds and nanoseconds since the epoch, because a double cannot hold both. */

export interface Instant {
  readonly sec: number;
  readonly nano: number;
}

/** Negative when `a` is earlier, 0 when they are the same nanosecond. */
export function compareInstants(a: Instant, b: Instant): number {
  return a.sec - b.sec || a.nano - b.nano;
}

/** The time in the Engine's spelling for `since` and `until`: `1764000000.000000042`. */
export function instantText(time: Instant): string {
  return `${time.sec}.${String(time.nano).padStart(9, '0')}`;
}

/** Reads `1764000000` or `1764000000.000000042`; null for anything else. */
export function parseInstant(text: string): Instant | null {
  const match = /^(\d{1,10})(?:\.(\d{1,9}))?$/.exec(text);
  if (!match) return null;
  return { sec: Number(match[1]), nano: Number((match[2] ?? '').padEnd(9, '0')) };
}

export function fromMillis(ms: number): Instant {
  const sec = Math.floor(ms / 1000);
  return { sec, nano: Math.round((ms - sec * 1000) * 1e6) };
}

export function toMillis(time: Instant): number {
  return time.sec * 1000 + time.nano / 1e6;
}

/** `time` moved by whole nanoseconds, at most a few seconds; never before the epoch. */
export function shiftInstant(time: Instant, nanos: number): Instant {
  const total = time.nano + nanos;
  const carry = Math.floor(total / 1e9);
  if (time.sec + carry < 0) return { sec: 0, nano: 0 };
  return { sec: time.sec + carry, nano: total - carry * 1e9 };
}

function digits(data: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let i = at; i < at + count; i++) {
    const digit = (data[i] as number) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function daysTo(year: number, month: number, day: number): number {
  const y = month > 2 ? year : year - 1;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  return era * 146097 + yearOfEra * 365 + (yearOfEra >> 2) - Math.floor(yearOfEra / 100) + dayOfYear - 719468;
}

const DATE_LENGTH = 20; // 2026-11-24T13:40:11 and a point or the zone

/**
 * Reads the RFC 3339 time and the blank that the Engine puts before every line when asked for timestamps.
 *
 * One object is reused for all lines of a stream: `sec` and `nano` hold what was read last. The date's days are
 * remembered, since neighbours share them.
 */
export class StampReader implements Instant {
  sec = 0;
  nano = 0;
  #date = -1;
  #days = 0;

  /** Returns the offset behind the blank, or -1 when there is no time at `at` (then nothing changes). */
  read(data: Uint8Array, at: number, end: number): number {
    if (end - at <= DATE_LENGTH || data[at + 10] !== 84 || data[at + 4] !== 45) return -1;
    const date = digits(data, at, 4) * 10000 + digits(data, at + 5, 2) * 100 + digits(data, at + 8, 2);
    const clock = digits(data, at + 11, 2) * 3600 + digits(data, at + 14, 2) * 60 + digits(data, at + 17, 2);
    if (Number.isNaN(date) || Number.isNaN(clock)) return -1;
    let next = at + 19;
    let nano = 0;
    if (data[next] === 46) {
      let scale = 1e8;
      for (next++; next < end && (data[next] as number) >= 48 && (data[next] as number) <= 57; next++) {
        nano += ((data[next] as number) - 48) * scale;
        scale = Math.floor(scale / 10);
      }
    }
    const zone = this.#zone(data, next);
    if (zone === null || next + zone.length >= end || data[next + zone.length] !== 32) return -1;
    this.sec = Math.max(0, this.#dayOf(date) * 86400 + clock - zone.offset);
    this.nano = nano;
    return next + zone.length + 1;
  }

  #dayOf(date: number): number {
    if (date !== this.#date) {
      this.#date = date;
      this.#days = daysTo(Math.floor(date / 10000), Math.floor(date / 100) % 100, date % 100);
    }
    return this.#days;
  }

  #zone(data: Uint8Array, at: number): { length: number; offset: number } | null {
    if (data[at] === 90) return UTC;
    const sign = data[at] === 43 ? 1 : data[at] === 45 ? -1 : 0;
    const offset = digits(data, at + 1, 2) * 3600 + digits(data, at + 4, 2) * 60;
    return sign === 0 || Number.isNaN(offset) ? null : { length: 6, offset: sign * offset };
  }
}

const UTC = { length: 1, offset: 0 };
