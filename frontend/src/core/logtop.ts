/**
 * The upper edge of a view: what is known of each source's past, and how it is put together.
 *
 * With several sources a line may only be shown when no source can still have a line between it and the ones below.
 * So there is a floor, the time down to which every source is known; lines of the quieter sources that are older
 * wait in `held` until the busier ones have been read that far.
 */
import { copyLine, mergeInto } from './logmerge';
import { LogStore } from './logstore';
import { compareInstants, type Instant } from './logtime';

export class SourcePast {
  /** Lines older than the floor, in order. */
  held = new LogStore(64 << 10);
  /** Nothing older exists. */
  atStart = false;
  /** Down to here everything of this source is known; null before its first line. */
  known: Instant | null = null;
}

export class LogTop {
  floor: Instant | null = null;
  readonly pasts: SourcePast[] = [];

  past(source: number): SourcePast {
    let past = this.pasts[source];
    if (past === undefined) {
      past = new SourcePast();
      this.pasts[source] = past;
    }
    return past;
  }

  /** A line of a source came: the first one tells how far back it is known. */
  saw(source: number, time: Instant): void {
    const past = this.past(source);
    past.known ??= { sec: time.sec, nano: time.nano };
  }

  /** The sources' pasts are there: from now on older lines wait. */
  settle(): void {
    this.floor ??= this.#highest();
  }

  isBelow(time: Instant): boolean {
    return this.floor !== null && compareInstants(time, this.floor) < 0;
  }

  hold(source: number, data: Uint8Array, start: number, end: number, time: Instant, kind: number): void {
    this.past(source).held.append(data, start, end, time, kind, source);
  }

  get atStart(): boolean {
    return this.pasts.every((past) => past.atStart && past.held.count === 0);
  }

  /** The sources that keep the floor up: those to ask for an older page. */
  limiting(): number[] {
    const highest = this.#highest();
    if (highest === null) return [];
    return [...this.pasts.keys()].filter((source) => {
      const past = this.past(source);
      return !past.atStart && past.known !== null && compareInstants(past.known, highest) >= 0;
    });
  }

  /** An older page of a source has come; null says that there is none. */
  add(source: number, page: LogStore | null): void {
    const past = this.past(source);
    if (page === null) past.atStart = true;
    else {
      past.known = page.time(page.first);
      const joined = new LogStore(past.held.chunkBytes);
      for (const part of [page, past.held])
        for (let n = part.first; n < part.next; n++) copyLine(part, n, joined);
      past.held = joined;
    }
  }

  /** Lowers the floor as far as all sources are known and takes out the lines above it, in order. */
  lower(): LogStore {
    this.floor = this.#highest();
    const out = new LogStore();
    for (const past of this.pasts) {
      const from = this.floor === null ? past.held.first : past.held.findTime(this.floor);
      const ready = new LogStore();
      const rest = new LogStore(past.held.chunkBytes);
      for (let n = past.held.first; n < past.held.next; n++) copyLine(past.held, n, n >= from ? ready : rest);
      past.held = rest;
      mergeInto(out, ready);
    }
    return out;
  }

  /** Lines have been dropped above this time: what was known of the past before it is not connected any more. */
  raise(floor: Instant): void {
    this.floor = floor;
    for (const past of this.pasts) {
      past.held.clear();
      past.atStart = false;
      past.known = floor;
    }
  }

  reset(): void {
    this.floor = null;
    this.pasts.length = 0;
  }

  /** The latest time down to which some source is known; null when all are known from their start. */
  #highest(): Instant | null {
    let highest: Instant | null = null;
    for (const { atStart, known } of this.pasts) {
      if (atStart || known === null) continue;
      if (highest === null || compareInstants(known, highest) > 0) highest = known;
    }
    return highest;
  }
}
