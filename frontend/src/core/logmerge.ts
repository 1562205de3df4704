/**
 * Lines of several containers, put into the order of their times.
 *
 * A line may go out when no source can bring an earlier one any more: every source has shown a later line, or is quiet
 * and the line has waited for `WINDOW_MS`. While a source still delivers its past, everybody waits for it. stdout and
 * stderr queue separately: each is in order, but the Engine mixes them as they come.
 */
import type { LogChunk } from './logchunk';
import { KIND_STDERR, LogStore } from './logstore';
import { compareInstants, type Instant } from './logtime';

export const WINDOW_MS = 200;
/** Sources wait here in small pieces: there may be many of them. */
const QUEUE_CHUNK = 64 << 10;

class Queue {
  readonly store = new LogStore(QUEUE_CHUNK);
  latest: Instant | null = null;
  /** Its past has been delivered: what comes now is live. */
  live = false;
  /** When lines came, per batch: the line number behind the batch, and milliseconds. */
  #arrivals: Array<[number, number]> = [];

  get head(): Instant | null {
    return this.store.time(this.store.first);
  }

  arrived(now: number): void {
    const last = this.#arrivals.at(-1);
    if (last?.[1] === now) last[0] = this.store.next;
    else this.#arrivals.push([this.store.next, now]);
  }

  headArrival(): number {
    while ((this.#arrivals[0]?.[0] ?? Number.POSITIVE_INFINITY) <= this.store.first) this.#arrivals.shift();
    return this.#arrivals[0]?.[1] ?? 0;
  }

  clear(): void {
    this.store.clear();
    this.#arrivals = [];
    this.latest = null;
  }
}

export type MergeSink = (chunk: LogChunk, i: number) => void;

export class LogMerge {
  /** Two queues per source: stdout, stderr. */
  #queues = new Map<number, readonly [Queue, Queue]>();

  constructor(readonly sink: MergeSink) {}

  /** A source begins, or begins again after its cursor: what had not gone out will come again. */
  open(source: number): void {
    const pair = this.#queues.get(source) ?? [new Queue(), new Queue()];
    for (const queue of pair) {
      queue.clear();
      queue.live = false;
    }
    this.#queues.set(source, pair);
  }

  /** A source has delivered its past, or is lost: nobody waits for it any more. */
  settle(source: number): void {
    for (const queue of this.#queues.get(source) ?? []) queue.live = true;
  }

  /** A source is not read on for now: it is known up to its last line, on both streams. */
  cut(source: number): void {
    const [out, err] = this.#queues.get(source) ?? [];
    if (!out || !err) return;
    const last =
      !out.latest || (err.latest && compareInstants(err.latest, out.latest) > 0) ? err.latest : out.latest;
    out.latest = err.latest = last;
  }

  add(
    source: number,
    data: Uint8Array,
    start: number,
    end: number,
    time: Instant,
    kind: number,
    now: number,
  ): void {
    const queue = this.#queues.get(source)?.[kind & KIND_STDERR ? 1 : 0];
    if (!queue) return;
    queue.store.append(data, start, end, time, kind, source);
    queue.arrived(now);
    if (queue.latest === null || compareInstants(time, queue.latest) > 0) {
      queue.latest = { sec: time.sec, nano: time.nano };
    }
  }

  /** Lines that wait. */
  get waiting(): number {
    let sum = 0;
    for (const queue of this.#all()) sum += queue.store.count;
    return sum;
  }

  /** Hands on every line that may go at `now`, in milliseconds of the same clock as in `add`. */
  release(now: number): void {
    for (let queue = this.#earliest(); queue !== null && this.#mayGo(queue, now); queue = this.#earliest()) {
      const [chunk, i] = queue.store.locate(queue.store.first) as [LogChunk, number];
      this.sink(chunk, i);
      queue.store.shift();
    }
  }

  /** All that waits, in order: no source will bring more. */
  drain(): void {
    for (const queue of this.#all()) queue.live = true;
    this.release(Number.POSITIVE_INFINITY);
  }

  /** Forgets all that waits. */
  clear(): void {
    for (const queue of this.#all()) queue.clear();
  }

  *#all(): Generator<Queue> {
    for (const pair of this.#queues.values()) yield* pair;
  }

  #earliest(): Queue | null {
    let best: Queue | null = null;
    let time: Instant | null = null;
    for (const queue of this.#all()) {
      const head = queue.head;
      if (head !== null && (time === null || compareInstants(head, time) < 0)) {
        best = queue;
        time = head;
      }
    }
    return best;
  }

  #mayGo(first: Queue, now: number): boolean {
    const time = first.head as Instant;
    const waited = now - first.headArrival() >= WINDOW_MS;
    for (const queue of this.#all()) {
      if (queue === first || queue.store.count > 0) continue;
      const beyond = queue.latest !== null && compareInstants(queue.latest, time) >= 0;
      if (!beyond && !(queue.live && waited)) return false;
    }
    return true;
  }
}

/** Puts the lines of `other`, in order, between those of `store` by time; equal times keep the store's first. */
export function mergeInto(store: LogStore, other: LogStore): void {
  const earliest = other.time(other.first);
  if (earliest === null) return;
  const from = store.findTime(earliest);
  const merged = new LogStore(store.chunkBytes);
  let mine = from;
  for (let theirs = other.first; theirs < other.next; ) {
    const myTime = store.time(mine);
    const takeMine = myTime !== null && compareInstants(myTime, other.time(theirs) as Instant) <= 0;
    if (takeMine) copyLine(store, mine++, merged);
    else copyLine(other, theirs++, merged);
  }
  store.replace(from, mine, merged);
}

/** Appends a copy of one store's line to another. */
export function copyLine(from: LogStore, number: number, to: LogStore): void {
  const [chunk, i] = from.locate(number) as [LogChunk, number];
  const start = chunk.starts[i] as number;
  to.append(
    chunk.text,
    start,
    chunk.end(i),
    chunk.time(i),
    chunk.kinds[i] as number,
    chunk.sources[i] as number,
  );
}
