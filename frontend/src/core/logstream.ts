/** One channel of the server's `logs` topic: its bytes become lines, its messages become events. */
import { Demux, FrameError } from './demux';
import { LineAssembler, type LineSink } from './logline';
import type { ServerMessage } from './socket';

/** What the server says about the container before the first line. */
export interface ContainerInfo {
  readonly state: string;
  readonly tty: boolean;
  /** The server's clock when it opened the log: lines later than this are live. Milliseconds. */
  readonly now: number;
}

/** The followed log ended with its container, which may come back. */
export interface Stopped {
  readonly state: string;
  readonly exit: number;
  readonly oom: boolean;
  readonly error: string;
  /** When, as the Engine spells it. */
  readonly finished: string;
}

export type Outcome =
  | { readonly kind: 'end'; readonly reason: string }
  | { readonly kind: 'error'; readonly status: number; readonly message: string }
  | { readonly kind: 'dropped' };

export interface StreamEvents {
  line: LineSink;
  /** Before the first line. */
  info?(info: ContainerInfo): void;
  /** The place of the wanted time has been found, `tail` messages before the end. */
  located?(tail: number): void;
  /** Everything that was there has been sent; what comes now is new. */
  caughtUp?(): void;
  stopped?(stopped: Stopped): void;
  /** This tab was too slow: so many messages were left out, the first of them written at this time. */
  missed?(count: number, first: string): void;
  /** Once, at last; not after `close`. */
  done(outcome: Outcome): void;
}

export interface StreamPort {
  open(key: number, args: Record<string, unknown>): void;
  close(key: number): void;
  ack(key: number, n: number): void;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
}

/** Acknowledge in steps: a frame per line would count as a flood. */
const ACK_BYTES = 64 << 10;
const ACK_MS = 200;

export class LogStream {
  #demux = new Demux();
  #assembler: LineAssembler;
  #tty = false;
  #over = false;
  #consumed = 0;
  #ackTimer: number | undefined;

  constructor(
    readonly port: StreamPort,
    readonly key: number,
    args: Record<string, unknown>,
    readonly events: StreamEvents,
  ) {
    this.#assembler = new LineAssembler(events.line);
    port.open(key, args);
  }

  /** Log messages received, as the Engine counts them. */
  get messages(): number {
    return this.#assembler.messages;
  }

  bytes(data: Uint8Array): void {
    if (this.#over) return;
    try {
      if (this.#tty) this.#assembler.raw(data);
      else {
        this.#demux.feed(data, (stream, bytes, start, end) => {
          if (!this.#over) this.#assembler.frame(stream, bytes, start, end);
        });
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#finish({ kind: 'error', status: 502, message: error.message });
      this.port.close(this.key);
      return;
    }
    this.#consume(data.length);
  }

  message(message: ServerMessage): void {
    if (this.#over) return;
    switch (message.ev) {
      case 'container':
        this.#tty = message.tty === true;
        this.events.info?.({ state: text(message.state), tty: this.#tty, now: Number(message.now) });
        break;
      case 'located':
        this.events.located?.(Number(message.tail));
        break;
      case 'caught_up':
        this.events.caughtUp?.();
        break;
      case 'stopped':
        if (!this.#demux.pending) this.#assembler.flush();
        this.events.stopped?.({
          state: text(message.state),
          exit: Number(message.exit_code ?? 0),
          oom: message.oom_killed === true,
          error: text(message.error),
          finished: text(message.finished_at),
        });
        break;
      case 'gap':
        if (!this.#demux.pending) this.#assembler.flush();
        this.events.missed?.(Number(message.count), text(message.first));
        break;
      case 'end':
        this.#end(text(message.reason));
        break;
      case 'error':
        this.#finish({ kind: 'error', status: Number(message.status), message: text(message.message) });
        break;
    }
  }

  /** The connection is gone; half a line is not a line. */
  dropped(): void {
    if (!this.#over) this.#finish({ kind: 'dropped' });
  }

  /** No more is wanted. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#stopTimer();
    this.port.close(this.key);
  }

  get over(): boolean {
    return this.#over;
  }

  /** An end inside a frame is a cut, whatever the server took it for. */
  #end(reason: string): void {
    if (this.#demux.pending) {
      this.#finish({ kind: 'error', status: 502, message: 'The log was cut off.' });
      return;
    }
    this.#assembler.flush();
    this.#finish({ kind: 'end', reason });
  }

  #finish(outcome: Outcome): void {
    this.#over = true;
    this.#stopTimer();
    this.events.done(outcome);
  }

  #consume(n: number): void {
    if (this.#over) return;
    this.#consumed += n;
    if (this.#consumed >= ACK_BYTES) this.#ack();
    else this.#ackTimer ??= this.port.setTimeout(() => this.#ack(), ACK_MS);
  }

  #ack(): void {
    this.#stopTimer();
    this.port.ack(this.key, this.#consumed);
    this.#consumed = 0;
  }

  #stopTimer(): void {
    if (this.#ackTimer !== undefined) this.port.clearTimeout(this.#ackTimer);
    this.#ackTimer = undefined;
  }
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
