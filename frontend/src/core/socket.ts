/**
 * The tab's one websocket, shared by every widget through numbered channels.
 *
 * Text frames are JSON. To the server: {"op":"open","ch":1,"topic":"logs","args":{…}}, {"op":"close","ch":1},
 * {"op":"ack","ch":1,"n":65536}, {"op":"ping"}, {"op":"pong"} and any other op a topic understands. From the server:
 * {"ch":1,"ev":"open"}, the topic's own events, "gap", "error" and "end" (both finish the channel), and without
 * a channel "ping", "pong" and "sync" (echoed with its `n`: everything before it has been worked through; a server
 * that sends text faster than it is echoed waits). Binary frames are one byte of channel number, then the payload;
 * the server acknowledges input bytes with {"ch":1,"ev":"ack","n":32768} and takes at most 256 KiB beyond that.
 *
 * A lost connection is opened again with jittered back-off, at once when the network or the tab comes back, and
 * every channel that had not ended is re-opened with `{...args, ...handlers.resume?.()}`.
 */
import type { Disposable } from './disposable';
import { Emitter } from './emitter';

export interface ServerMessage {
  readonly ev: string;
  readonly [field: string]: unknown;
}

export interface Handlers {
  /** Every text message of the channel, `open`, `error` and `end` included. */
  message(message: ServerMessage): void;
  /** The payload of a binary message; call `ack` with its length once it is consumed, or the server stops. */
  bytes?(data: Uint8Array): void;
  /** The connection was lost while the channel was live: what is shown is stale until `open` comes again. */
  dropped?(): void;
  /** Arguments that continue where the channel stopped, merged over the original ones on re-opening. */
  resume?(): Record<string, unknown> | null;
  /** Open the channel again after an error that time may heal (Engine unreachable or too slow: 502, 503, 504). */
  readonly retry?: boolean;
}

export interface Channel {
  /** Sends an op of the topic; silently dropped while not connected: send again what matters on `open`. */
  send(op: string, fields?: object): void;
  sendBytes(data: Uint8Array): void;
  /** Tells the server that `n` bytes have been consumed (for a terminal: drawn). */
  ack(n: number): void;
  close(): void;
  /** The server has authorised the channel and it has not ended since. */
  readonly open: boolean;
}

export type SocketState = 'connecting' | 'open' | 'lost';

export interface Socket {
  open(topic: string, args: object, handlers: Handlers): Channel;
  readonly state: SocketState;
  onState(callback: (state: SocketState) => void): Disposable;
}

/** The part of the browser's WebSocket that is used here. */
export interface WebSocketLike {
  binaryType: string;
  readonly readyState: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  send(data: string | ArrayBufferView<ArrayBuffer>): void;
  close(code?: number): void;
}

/** What the socket needs from its surroundings; tests bring their own. Times are milliseconds. */
export interface SocketEnvironment {
  connect(): WebSocketLike;
  random(): number;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
  /** Calls back when the network or the tab comes back: a good moment to look whether the connection lives. */
  onWake(callback: () => void): void;
  /** The session has ended: go to the login page. */
  login(): void;
}

const OPEN = 1;
const MAX_CHANNEL = 255;
const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
const WAKE_PONG_WITHIN = 3_000;
const BACKOFF_FIRST = 400;
const BACKOFF_MAX = 15_000;
const RETRY_FIRST = 1_000;
const RETRY_MAX = 10_000;
const HEALS_WITH_TIME = new Set([502, 503, 504]);
const NOT_LOGGED_IN = 4401;
const FORBIDDEN = 4403;
const BAD_MESSAGE = 4400;
const INPUT_WINDOW = 224 * 1024;
const INPUT_FRAME = 32 * 1024;

class MuxChannel implements Channel {
  open = false;
  /** Neither closed here nor ended by the server: it survives a reconnect. */
  alive = true;
  retries = 0;
  retryTimer: number | undefined;
  #unacknowledged = 0;
  #waiting: Uint8Array[] = [];

  constructor(
    readonly mux: MuxSocket,
    readonly number: number,
    readonly topic: string,
    readonly args: object,
    readonly handlers: Handlers,
  ) {}

  send(op: string, fields: object = {}): void {
    if (this.alive) this.mux.sendJson({ op, ch: this.number, ...fields });
  }

  sendBytes(data: Uint8Array): void {
    if (!this.alive || !this.mux.connected) return;
    for (let at = 0; at < data.length; at += INPUT_FRAME) {
      this.#waiting.push(data.slice(at, at + INPUT_FRAME));
    }
    this.#flush();
  }

  /** The server has taken `n` bytes of input: what waited for room may follow. */
  taken(n: number): void {
    this.#unacknowledged = Math.max(0, this.#unacknowledged - n);
    this.#flush();
  }

  /** The connection is new or gone: nothing is under way any more. */
  forgetInput(): void {
    this.#unacknowledged = 0;
    this.#waiting = [];
  }

  #flush(): void {
    while (this.#waiting[0] !== undefined && this.#unacknowledged + this.#waiting[0].length <= INPUT_WINDOW) {
      const frame = this.#waiting.shift() as Uint8Array;
      this.#unacknowledged += frame.length;
      this.mux.sendBinary(this.number, frame);
    }
  }

  ack(n: number): void {
    if (n > 0) this.send('ack', { n });
  }

  close(): void {
    if (this.alive) this.send('close');
    this.alive = false;
    this.open = false;
    this.mux.release(this);
  }
}

export class MuxSocket implements Socket {
  #env: SocketEnvironment;
  #socket: WebSocketLike | null = null;
  #state: SocketState = 'connecting';
  #states = new Emitter<SocketState>();
  #channels = new Map<number, MuxChannel>();
  #lastNumber = 0;
  #attempts = 0;
  #reconnectTimer: number | undefined;
  #pingTimer: number | undefined;
  #pongTimer: number | undefined;
  #refused = false;

  constructor(env: SocketEnvironment) {
    this.#env = env;
    env.onWake(() => this.#wake());
  }

  get state(): SocketState {
    return this.#state;
  }

  get connected(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  onState(callback: (state: SocketState) => void): Disposable {
    return this.#states.on(callback);
  }

  open(topic: string, args: object, handlers: Handlers): Channel {
    const channel = new MuxChannel(this, this.#freeNumber(), topic, args, handlers);
    this.#channels.set(channel.number, channel);
    if (this.#socket?.readyState === OPEN) this.#sendOpen(channel, args);
    else if (this.#socket === null && this.#reconnectTimer === undefined && !this.#refused) this.#connect();
    return channel;
  }

  sendJson(message: object): void {
    if (this.#socket?.readyState === OPEN) this.#socket.send(JSON.stringify(message));
  }

  sendBinary(channel: number, data: Uint8Array): void {
    if (this.#socket?.readyState !== OPEN) return;
    const frame = new Uint8Array(data.length + 1);
    frame[0] = channel;
    frame.set(data, 1);
    this.#socket.send(frame);
  }

  release(channel: MuxChannel): void {
    if (channel.retryTimer !== undefined) this.#env.clearTimeout(channel.retryTimer);
    if (this.#channels.get(channel.number) === channel) this.#channels.delete(channel.number);
  }

  /** Numbers go round, so that late frames of a closed channel find nobody rather than its successor. */
  #freeNumber(): number {
    for (let tries = 0; tries < MAX_CHANNEL; tries++) {
      this.#lastNumber = (this.#lastNumber % MAX_CHANNEL) + 1;
      if (!this.#channels.has(this.#lastNumber)) return this.#lastNumber;
    }
    throw new Error(`more than ${MAX_CHANNEL} live channels in one tab`);
  }

  #setState(state: SocketState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#states.emit(state);
  }

  #connect(): void {
    this.#clear('reconnect');
    const socket = this.#env.connect();
    this.#socket = socket;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: { data: unknown }) => {
      if (this.#socket === socket) this.#received(event.data);
    };
    socket.onclose = (event: { code: number }) => {
      if (this.#socket === socket) this.#closed(event.code);
    };
  }

  #opened(): void {
    this.#setState('open');
    this.#schedulePing();
    for (const channel of [...this.#channels.values()]) this.#reopen(channel);
  }

  #sendOpen(channel: MuxChannel, args: object): void {
    this.sendJson({ op: 'open', ch: channel.number, topic: channel.topic, args });
  }

  #reopen(channel: MuxChannel): void {
    if (channel.retryTimer !== undefined) this.#env.clearTimeout(channel.retryTimer);
    channel.retryTimer = undefined;
    this.#sendOpen(channel, { ...channel.args, ...channel.handlers.resume?.() });
  }

  #closed(code: number): void {
    this.#socket = null;
    this.#clear('ping');
    this.#clear('pong');
    if (code === NOT_LOGGED_IN) {
      this.#refused = true;
      this.#env.login();
    }
    if (code === FORBIDDEN || code === BAD_MESSAGE) this.#refused = true;
    this.#setState('lost');
    for (const channel of [...this.#channels.values()]) {
      channel.open = false;
      channel.forgetInput();
      channel.handlers.dropped?.();
    }
    if (!this.#refused) this.#scheduleReconnect();
  }

  #scheduleReconnect(): void {
    const ceiling = Math.min(BACKOFF_MAX, BACKOFF_FIRST * 2 ** this.#attempts++);
    const delay = ceiling * (0.5 + this.#env.random() / 2);
    this.#reconnectTimer = this.#env.setTimeout(() => this.#connect(), delay);
  }

  /** The laptop woke or the network returned: reconnect now, or make sure that "open" is still true. */
  #wake(): void {
    if (this.#socket?.readyState === OPEN) this.#ping(WAKE_PONG_WITHIN);
    else if (this.#reconnectTimer !== undefined) {
      this.#attempts = 0;
      this.#connect();
    }
  }

  #schedulePing(): void {
    this.#clear('ping');
    this.#pingTimer = this.#env.setTimeout(() => this.#ping(PONG_WITHIN), PING_EVERY);
  }

  #ping(within: number): void {
    this.sendJson({ op: 'ping' });
    this.#schedulePing();
    this.#clear('pong');
    this.#pongTimer = this.#env.setTimeout(() => this.#abandon(), within);
  }

  /** Nothing came back: the close handshake may never finish on a dead path, so do not wait for it. */
  #abandon(): void {
    const socket = this.#socket;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
    this.#closed(1006);
  }

  #clear(which: 'reconnect' | 'ping' | 'pong'): void {
    const timers = { reconnect: this.#reconnectTimer, ping: this.#pingTimer, pong: this.#pongTimer };
    const timer = timers[which];
    if (timer !== undefined) this.#env.clearTimeout(timer);
    if (which === 'reconnect') this.#reconnectTimer = undefined;
    else if (which === 'ping') this.#pingTimer = undefined;
    else this.#pongTimer = undefined;
  }

  #received(data: unknown): void {
    this.#attempts = 0;
    this.#clear('pong');
    if (data instanceof ArrayBuffer) {
      const bytes = new Uint8Array(data);
      this.#channels.get(bytes[0] ?? 0)?.handlers.bytes?.(bytes.subarray(1));
      return;
    }
    const message = JSON.parse(String(data)) as ServerMessage;
    if (message.ev === 'ping') this.sendJson({ op: 'pong' });
    else if (message.ev === 'sync') this.sendJson({ op: 'sync', n: message.n });
    if (typeof message.ch === 'number') this.#dispatch(message, message.ch);
  }

  #dispatch(message: ServerMessage, number: number): void {
    const channel = this.#channels.get(number);
    if (channel === undefined) return;
    if (message.ev === 'ack') {
      channel.taken(Number(message.n));
      return;
    }
    if (message.ev === 'open') {
      channel.open = true;
      channel.retries = 0;
    } else if (message.ev === 'error' || message.ev === 'end') {
      channel.open = false;
      const heals = message.ev === 'error' && HEALS_WITH_TIME.has(Number(message.status));
      if (heals && channel.handlers.retry) this.#retryLater(channel);
      else {
        channel.alive = false;
        this.release(channel);
      }
    }
    channel.handlers.message(message);
  }

  #retryLater(channel: MuxChannel): void {
    const ceiling = Math.min(RETRY_MAX, RETRY_FIRST * 2 ** channel.retries++);
    channel.retryTimer = this.#env.setTimeout(
      () => {
        channel.retryTimer = undefined;
        if (this.#socket?.readyState === OPEN) this.#reopen(channel);
      },
      ceiling * (0.5 + this.#env.random() / 2),
    );
  }
}
