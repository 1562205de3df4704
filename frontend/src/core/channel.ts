import type { Channel, Handlers } from './socket';

/** Input bytes under way per channel: below the server's 256 KiB, which messages share. */
const INPUT_WINDOW = 192 << 10;
const INPUT_FRAME = 32 << 10;

/** The way out for a channel: the socket it runs on. */
export interface Outlet {
  readonly connected: boolean;
  sendJson(message: object): void;
  sendBinary(channel: number, data: Uint8Array): void;
  release(channel: MuxChannel): void;
}

/** Bytes or an op; they go out in the order they came in. */
type Input = Uint8Array | { readonly op: string };

/** One numbered channel: paces what goes to the server by what the server has taken. */
export class MuxChannel implements Channel {
  open = false;
  /** Neither closed here nor ended by the server: it survives a reconnect. */
  alive = true;
  retries = 0;
  retryTimer: number | undefined;
  #inputs: Input[] = [];
  #underWay = 0;

  constructor(
    readonly mux: Outlet,
    readonly number: number,
    readonly topic: string,
    readonly args: object,
    readonly handlers: Handlers,
  ) {}

  send(op: string, fields: object = {}): void {
    this.#enqueue({ op, ch: this.number, ...fields } as Input);
  }

  sendBytes(data: Uint8Array): void {
    for (let start = 0; start < data.length; start += INPUT_FRAME) {
      this.#enqueue(data.subarray(start, start + INPUT_FRAME));
    }
  }

  ack(n: number): void {
    if (n > 0 && this.alive) this.mux.sendJson({ op: 'ack', ch: this.number, n });
  }

  close(): void {
    if (this.alive) this.mux.sendJson({ op: 'close', ch: this.number });
    this.finish();
    this.mux.release(this);
  }

  /** The server has taken `n` input bytes: the next may go. */
  taken(n: number): void {
    this.#underWay = Math.max(0, this.#underWay - n);
    this.#flush();
  }

  /** What was typed for a connection that is gone must not reach the next one. */
  forgetInput(): void {
    this.#inputs = [];
    this.#underWay = 0;
  }

  finish(): void {
    this.alive = false;
    this.open = false;
    this.forgetInput();
  }

  #enqueue(input: Input): void {
    if (!this.alive || !this.mux.connected) return;
    this.#inputs.push(input);
    this.#flush();
  }

  #flush(): void {
    while (this.#underWay < INPUT_WINDOW) {
      const input = this.#inputs.shift();
      if (input === undefined) return;
      if (input instanceof Uint8Array) {
        this.#underWay += input.length;
        this.mux.sendBinary(this.number, input);
      } else this.mux.sendJson(input);
    }
  }
}
