/**
 * The tab's one websocket, shared by every widget through numbered channels. dockerui/ws/consumer.py describes the
 * wire; what matters here:
 *
 * Text frames are JSON, binary frames one byte of channel number and the payload. `error` and `end` finish a channel.
 * The server stops after 1 MiB of a channel's bytes that nobody acknowledged (`Channel.ack`), and after 512 KiB of
 * text whose `sync` marks were not echoed; the echo goes out here, after the handlers of what came before it.
 *
 * A lost connection is opened again with jittered back-off, at once when the network or the tab comes back, and
 * every channel that had not ended is re-opened with `{...args, ...handlers.resume?.()}`.
 */
import { MuxChannel } from './channel';
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
  /** Input for the topic, cut and paced as the server takes it; dropped while not connected. */
  sendBytes(data: Uint8Array): void;
  /** Tells the server that `n` bytes have been consumed (for a terminal: drawn). */
  ack(n: number): void;
  close(): void;
  /** The server has authorised the channel and it has not ended since. */
  readonly open: boolean;
}

/** `lost` is being retried; `refused` is not: only a new page can help. */
export type SocketState = 'connecting' | 'open' | 'lost' | 'refused';

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
const CONNECT_WITHIN = 10_000;
const PING_EVERY = 20_000;
const PONG_WITHIN = 10_000;
const WAKE_PONG_WITHIN = 3_000;
const BACKOFF_FIRST = 400;
const BACKOFF_MAX = 15_000;
const RETRY_FIRST = 1_000;
const RETRY_MAX = 10_000;
const HEALS_WITH_TIME = new Set([502, 503, 504]);
const NOT_LOGGED_IN = 4401;
const BAD_MESSAGE = 4400;

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

  onState(callback: (state: SocketState) => void): Disposable {
    return this.#states.on(callback);
  }

  open(topic: string, args: object, handlers: Handlers): Channel {
    const channel = new MuxChannel(this, this.#freeNumber(), topic, args, handlers);
    this.#channels.set(channel.number, channel);
    if (this.connected) this.#sendOpen(channel, args);
    else if (this.#socket === null && this.#reconnectTimer === undefined && !this.#refused) this.#connect();
    return channel;
  }

  get connected(): boolean {
    return this.#socket?.readyState === OPEN;
  }

  sendJson(message: object): void {
    if (this.connected) this.#socket?.send(JSON.stringify(message));
  }

  sendBinary(channel: number, data: Uint8Array): void {
    const frame = new Uint8Array(data.length + 1);
    frame[0] = channel;
    frame.set(data, 1);
    this.#socket?.send(frame);
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
    this.#giveUpIn(CONNECT_WITHIN);
  }

  #opened(): void {
    this.#clear('pong');
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
    // After 4400 (our own mistake) a repetition would not help either.
    this.#refused = code === NOT_LOGGED_IN || code === BAD_MESSAGE;
    if (code === NOT_LOGGED_IN) this.#env.login();
    this.#setState(this.#refused ? 'refused' : 'lost');
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
    if (this.connected) this.#ping(WAKE_PONG_WITHIN);
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
    this.#giveUpIn(within);
  }

  #giveUpIn(ms: number): void {
    this.#clear('pong');
    this.#pongTimer = this.#env.setTimeout(() => this.#abandon(), ms);
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
    if (typeof message.ch === 'number') this.#dispatch(message, message.ch);
    else if (message.ev === 'sync') this.sendJson({ op: 'sync', n: message.n });
    else if (message.ev === 'ping') this.sendJson({ op: 'pong' });
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
    } else if (message.ev === 'error' || message.ev === 'end') this.#finished(channel, message);
    channel.handlers.message(message);
  }

  #finished(channel: MuxChannel, message: ServerMessage): void {
    channel.open = false;
    channel.forgetInput();
    const heals = message.ev === 'error' && HEALS_WITH_TIME.has(Number(message.status));
    if (heals && channel.handlers.retry) {
      this.#retryLater(channel);
      return;
    }
    channel.finish();
    this.release(channel);
  }

  #retryLater(channel: MuxChannel): void {
    const ceiling = Math.min(RETRY_MAX, RETRY_FIRST * 2 ** channel.retries++);
    channel.retryTimer = this.#env.setTimeout(
      () => {
        channel.retryTimer = undefined;
        if (this.connected) this.#reopen(channel);
      },
      ceiling * (0.5 + this.#env.random() / 2),
    );
  }
}
