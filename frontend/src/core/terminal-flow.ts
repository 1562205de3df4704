/**
 * Output on its way into terminals, drawn in an order that keeps typing quick.
 *
 * The server sends at most 128 KiB that were not acknowledged (dockerui/services/terminals.py), and `ack` is called
 * when a terminal has *drawn* them: a flood moves at the speed of the screen, and Ctrl-C has little left to wait for.
 *
 * All terminals of a tab share one thread. The one with the focus may have up to `HIGH` bytes inside its terminal and
 * is filled up again below `LOW`; all others take turns, one `PIECE` at a time with a turn of the event loop between
 * them, so that the answer to a key waits for one piece and not for three floods.
 */

export const PIECE = 16 << 10;
export const HIGH = 512 << 10;
export const LOW = 128 << 10;
const ACK_STEP = 32 << 10;
const SMALL = 1 << 10;

/** Something that draws; `drawn` must be called once for every write, in order. */
export interface Sink {
  write(data: Uint8Array | string, drawn: () => void): void;
}

interface Portion {
  readonly data: Uint8Array | string;
  /** Bytes of the wire that this stands for. */
  readonly cost: number;
}

/** Decides which flow's output is drawn next. `later` runs its callback after a turn of the event loop. */
export class DrawingOrder {
  #waiting: Flow[] = [];
  #busy = false;
  #front: Flow | null = null;

  constructor(readonly later: (callback: () => void) => void) {}

  /** The flow whose terminal has the focus. */
  get front(): Flow | null {
    return this.#front;
  }

  focus(flow: Flow): void {
    const before = this.#front;
    this.#front = flow;
    flow.fill();
    if (before !== flow && before?.waiting) this.queue(before);
  }

  forget(flow: Flow): void {
    if (this.#front === flow) this.#front = null;
    this.#waiting = this.#waiting.filter((other) => other !== flow);
  }

  /** `flow` has something to draw and is not in front: it gets its turn. */
  queue(flow: Flow): void {
    if (!this.#waiting.includes(flow)) this.#waiting.push(flow);
    this.#next();
  }

  #next(): void {
    if (this.#busy) return;
    const flow = this.#waiting.shift();
    if (flow === undefined) return;
    this.#busy = true;
    const handedOver = flow.handOver(() => this.later(() => this.#turned(flow)));
    if (!handedOver) {
      this.#busy = false;
      this.#next();
    }
  }

  #turned(flow: Flow): void {
    this.#busy = false;
    if (flow.waiting && flow !== this.#front) this.queue(flow);
    else this.#next();
  }
}

/** The output of one terminal. */
export class Flow {
  #portions: Portion[] = [];
  #inside = 0;
  #unacknowledged = 0;
  #channel = 0;
  #screen = 0;
  #filling = false;
  /** Bytes of the wire that were drawn since the screen was last emptied. */
  drawn = 0;
  disposed = false;

  constructor(
    readonly order: DrawingOrder,
    readonly sink: Sink,
    readonly ack: (n: number) => void,
  ) {}

  get waiting(): boolean {
    return this.#portions.length > 0;
  }

  /** Draws `data`, which stands for `cost` bytes of the wire. */
  push(data: Uint8Array | string, cost: number): void {
    const costOf = (length: number) => Math.round((cost * length) / data.length);
    for (let start = 0; start < data.length; start += PIECE) {
      const end = Math.min(start + PIECE, data.length);
      const piece = typeof data === 'string' ? data.slice(start, end) : data.subarray(start, end);
      this.#portions.push({ data: piece, cost: costOf(end) - costOf(start) });
    }
    if (data.length === 0 && cost > 0) this.#portions.push({ data: '', cost });
    // A few bytes while nothing else is under way are the answer to a key: never queue them.
    const isAnswer = this.#portions.length === 1 && this.#inside === 0 && cost <= SMALL;
    if (this.order.front === this || isAnswer) this.fill();
    else if (this.waiting) this.order.queue(this);
  }

  /** Hands over as much as may be inside the terminal at once. */
  fill(): void {
    if (this.#filling) return;
    this.#filling = true;
    while (this.#inside < HIGH && this.handOver()) {
      // handOver does the work
    }
    this.#filling = false;
  }

  /** Hands over the next piece; false when there is none. */
  handOver(done?: () => void): boolean {
    const portion = this.#portions.shift();
    if (portion === undefined || this.disposed) return false;
    const [channel, screen] = [this.#channel, this.#screen];
    this.#inside += portion.cost;
    this.sink.write(portion.data, () => {
      this.#inside -= portion.cost;
      if (screen === this.#screen) this.drawn += portion.cost;
      if (channel === this.#channel) this.#acknowledge(portion.cost);
      if (this.order.front === this && this.#inside <= LOW) this.fill();
      done?.();
    });
    return true;
  }

  /** A new channel begins: what is still under way is owed to nobody. */
  restart(): void {
    this.#channel++;
    this.#unacknowledged = 0;
  }

  /** The screen begins anew: what is still waiting to be drawn is dropped. */
  empty(): void {
    this.restart();
    this.#screen++;
    this.#portions = [];
    this.drawn = 0;
  }

  dispose(): void {
    this.disposed = true;
    this.empty();
    this.order.forget(this);
  }

  #acknowledge(cost: number): void {
    this.#unacknowledged += cost;
    if (this.#unacknowledged < ACK_STEP) return;
    const n = this.#unacknowledged;
    this.#unacknowledged = 0;
    this.ack(n);
  }
}
