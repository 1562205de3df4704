/**
 * One terminal as the page knows it: its channel, its place in the output, and how it ended. The wire is described in
 * dockerui/ws/topics/terminal.py.
 */
import { Demux, FrameError } from './demux';
import type { Channel, ServerMessage, Socket } from './socket';
import { type DrawingOrder, Flow, type Sink } from './terminal-flow';
import { gapLine } from './terminal-words';

export interface Size {
  readonly rows: number;
  readonly cols: number;
}

/** What to open; `args` are those of the topic, without the size. */
export interface TerminalRequest {
  readonly topic: 'exec' | 'attach';
  readonly args: Readonly<Record<string, unknown>>;
}

export interface Facts {
  readonly kind: 'exec' | 'attach';
  readonly name: string;
  readonly command: readonly string[];
  readonly user: string;
  readonly tty: boolean;
  readonly stdin: boolean;
  readonly half_close: boolean;
  /** Without a tty stdout and stderr come in frames, but through the Engine's websocket they are one. */
  readonly framed: boolean;
}

export interface Ending {
  readonly code: number | null;
  readonly message: string;
  readonly survived: boolean;
  readonly pid: number | null;
}

/** `lost`: the connection dropped and is being found again; `failed`: it never started. */
export type Phase = 'opening' | 'running' | 'lost' | 'ended' | 'failed';

/** Where a terminal was left, to come back to it. */
export interface Place {
  readonly token: string;
  /** Bytes of output that the screen shows; null: none, show what there is. */
  readonly offset: number | null;
}

/** What the session needs from its surroundings. */
export interface SessionHost {
  readonly sink: Sink;
  readonly order: DrawingOrder;
  size(): Size;
  /** The screen starts anew: what comes is not a continuation of what it shows. */
  clear(): void;
  /** Phase, facts, latency or state of the container changed. */
  changed(): void;
  now(): number;
}

const STDERR = 2;
const FRAME_HEADER = 8;
/** Key presses and pastes that wait for the process to start. */
const MOST_EARLY = 256;
const encoder = new TextEncoder();

export class TerminalSession {
  phase: Phase = 'opening';
  facts: Facts | null = null;
  ending: Ending | null = null;
  /** Why it did not start. */
  problem: string | null = null;
  latency: number | null = null;
  paused = false;
  inputClosed = false;
  readonly flow: Flow;
  #channel: Channel | null = null;
  #token: string | null = null;
  #received: number | null = 0;
  #origin = 0;
  #replay = 0;
  #demux = new Demux();
  #decoders = [new TextDecoder(), new TextDecoder()];
  #probe = { n: 0, at: 0 };
  #early: Uint8Array[] = [];
  #told: Size = { rows: 0, cols: 0 };

  constructor(
    readonly socket: Socket,
    readonly request: TerminalRequest,
    readonly host: SessionHost,
  ) {
    this.flow = new Flow(host.order, host.sink, (n) => this.#channel?.ack(n));
  }

  /** Opens it, or comes back to where it was left: the screen then shows everything up to `place.offset`. */
  open(place?: Place): void {
    if (place) {
      this.#token = place.token;
      this.#received = place.offset;
      this.#origin = place.offset ?? 0;
    }
    const args = { ...this.request.args, ...(place ? this.#return() : this.#size()) };
    this.#channel = this.socket.open(this.request.topic, args, {
      message: (message) => this.#onMessage(message),
      bytes: (data) => this.#onBytes(data),
      dropped: () => this.#onDropped(),
      resume: () => (this.#token ? this.#return() : this.#size()),
      retry: true,
    });
  }

  /** Where it is now, for coming back after a reload; null when there is nothing to come back to. */
  get place(): Place | null {
    const alive = this.phase === 'running' || this.phase === 'lost';
    return alive && this.#token ? { token: this.#token, offset: this.#origin + this.flow.drawn } : null;
  }

  /** History is being drawn: what the terminal answers to it was answered long ago. */
  get replaying(): boolean {
    return this.flow.drawn < this.#replay;
  }

  /** What is typed while it opens is kept for it; what is typed while the connection is lost is not. */
  get takesInput(): boolean {
    if (this.phase === 'opening') return true;
    return this.phase === 'running' && this.facts?.stdin === true && !this.inputClosed;
  }

  input(data: string | Uint8Array): void {
    if (!this.takesInput) return;
    const bytes = typeof data === 'string' ? encoder.encode(data) : data;
    if (this.phase === 'running') this.#channel?.sendBytes(bytes);
    else if (this.#early.length < MOST_EARLY) this.#early.push(bytes);
  }

  resize(size: Size): void {
    if (this.phase !== 'running') return;
    this.#told = size;
    this.#channel?.send('resize', size);
  }

  /** No more input; only without a tty, where the answer says whether it was possible. */
  closeInput(): void {
    if (this.takesInput && this.phase === 'running') this.#channel?.send('eof');
  }

  /** Asks the process to leave; `exit` tells how that went. */
  terminate(): void {
    if (this.phase === 'running') this.#channel?.send('terminate');
  }

  /** Measures the way to the server and back. */
  probe(): void {
    if (this.phase !== 'running') return;
    this.#probe = { n: this.#probe.n + 1, at: this.host.now() };
    this.#channel?.send('probe', { n: this.#probe.n });
  }

  dispose(): void {
    this.#channel?.close();
    this.#channel = null;
    this.flow.dispose();
  }

  #return(): Record<string, unknown> {
    return { reattach: this.#token, offset: this.#received, ...this.#size() };
  }

  #size(): Record<string, unknown> {
    this.#told = this.host.size();
    return { ...this.#told };
  }

  #onBytes(data: Uint8Array): void {
    this.#received = (this.#received ?? 0) + data.length;
    if (this.facts?.framed === false) {
      this.flow.push(data, data.length);
      return;
    }
    try {
      this.#demux.feed(data, (stream, bytes, start, end) => {
        this.#onFrame(stream === STDERR, bytes.subarray(start, end));
      });
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#finish(endingOf('The output makes no sense: it is not what the Engine sends.'));
      this.#channel?.close();
      this.host.changed();
    }
  }

  /** Output without a tty: stderr in red. A letter may be split between frames, but never between streams. */
  #onFrame(isError: boolean, data: Uint8Array): void {
    const decoder = this.#decoders[isError ? 1 : 0] as TextDecoder;
    const text = decoder.decode(data, { stream: true });
    this.flow.push(isError && text ? `\x1b[31m${text}\x1b[39m` : text, data.length + FRAME_HEADER);
  }

  #onMessage(message: ServerMessage): void {
    switch (message.ev) {
      case 'started':
        this.#onStarted(message);
        break;
      case 'exit':
        this.#finish(message as unknown as Ending);
        break;
      case 'error':
        this.#onError(message);
        break;
      case 'end':
        if (message.reason === 'superseded') this.#finish(endingOf('It was opened in another window.'));
        break;
      case 'gap':
        this.flow.push(gapLine(Number(message.count)), 0);
        break;
      case 'container':
        if (message.action === 'pause') this.paused = true;
        if (message.action === 'unpause') this.paused = false;
        break;
      case 'eof':
        this.inputClosed = message.done === true;
        break;
      case 'probe':
        if (message.n === this.#probe.n) this.latency = this.host.now() - this.#probe.at;
        break;
    }
    this.host.changed();
  }

  #onStarted(message: ServerMessage): void {
    const offset = Number(message.offset);
    this.facts = message as unknown as Facts;
    this.#token = String(message.token);
    this.flow.restart();
    if (message.fresh === true) {
      this.flow.empty();
      this.#demux = new Demux();
      this.#decoders = [new TextDecoder(), new TextDecoder()];
      this.#origin = offset;
      this.#replay = Number(message.replay);
      this.host.clear();
    }
    this.#received = offset;
    this.phase = 'running';
    this.problem = null;
    const size = this.host.size();
    if (size.rows !== this.#told.rows || size.cols !== this.#told.cols) this.resize(size);
    for (const data of this.#early.splice(0)) this.input(data);
    this.probe();
  }

  #onError(message: ServerMessage): void {
    const words = String(message.message);
    if (this.#token) this.#finish(endingOf(words));
    else {
      this.problem = words;
      this.phase = 'failed';
    }
  }

  #onDropped(): void {
    if (this.phase === 'running') this.phase = 'lost';
    this.latency = null;
    this.host.changed();
  }

  #finish(ending: Ending): void {
    if (this.phase === 'ended') return;
    this.phase = 'ended';
    this.ending = ending;
    this.#token = null;
  }
}

function endingOf(message: string): Ending {
  return { code: null, message, survived: false, pid: null };
}
