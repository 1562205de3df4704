/** A server's `logs` topic over made-up containers, with the Engine's own meaning of tail, since and until. */

import { matchRequest } from '../logmatch';
import type { PageMessage, ViewState, WorkerMessage } from '../logprotocol';
import type { MatchAnswer, Matcher, MatchRequest } from '../logquery';
import { LogSession } from '../logsession';
import { compareInstants, type Instant, instantText, parseInstant } from '../logtime';
import { bytesOf, message } from './logs';

export interface Entry {
  readonly time: Instant;
  readonly text: string;
  readonly stream: number;
}

export class FakeContainer {
  entries: Entry[] = [];
  state = 'running';
  failure: { status: number; message: string } | null = null;

  log(sec: number, text: string, nano = 0, stream = 1): Entry {
    const entry = { time: { sec, nano }, text, stream };
    this.entries.push(entry);
    return entry;
  }
}

interface Channel {
  readonly container: FakeContainer;
  readonly args: Record<string, unknown>;
  sent: number;
}

/** One browser tab: a session in its worker, a page that passes on, a server. Time stands still unless moved. */
export class FakeTab {
  readonly containers = new Map<string, FakeContainer>();
  readonly opened: Array<Record<string, unknown>> = [];
  readonly messages: WorkerMessage[] = [];
  readonly session: LogSession;
  state: ViewState | null = null;
  now = 1_000_000_000_000;
  connected = true;
  acked = 0;
  #channels = new Map<number, Channel>();
  #waiting: Array<[number, Record<string, unknown>]> = [];
  #timers = new Map<number, { at: number; callback: () => void }>();
  #lastTimer = 0;
  #answers = new Map<number, (answer: unknown) => void>();
  #lastQuestion = 0;

  constructor() {
    this.session = new LogSession({
      post: (m) => this.#posted(m),
      matcher: () => new DirectMatcher(),
      now: () => this.now,
      setTimeout: (callback, ms) => {
        this.#timers.set(++this.#lastTimer, { at: this.now + ms, callback });
        return this.#lastTimer;
      },
      clearTimeout: (id) => this.#timers.delete(id),
    });
  }

  container(id: string): FakeContainer {
    let container = this.containers.get(id);
    if (container === undefined) {
      container = new FakeContainer();
      this.containers.set(id, container);
    }
    return container;
  }

  send(m: PageMessage): void {
    this.session.receive(m);
  }

  ask(question: Extract<PageMessage, { t: 'ask' }>['question']): Promise<unknown> {
    const id = ++this.#lastQuestion;
    return new Promise((resolve) => {
      this.#answers.set(id, resolve);
      this.send({ t: 'ask', id, question });
    });
  }

  /** Lets time pass, timers run and what containers have written arrive. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    for (;;) {
      this.deliver();
      for (let i = 0; i < 40; i++) await Promise.resolve();
      const due = [...this.#timers].filter(([, t]) => t.at <= end).sort((a, b) => a[1].at - b[1].at)[0];
      if (due === undefined) break;
      this.#timers.delete(due[0]);
      this.now = Math.max(this.now, due[1].at);
      due[1].callback();
    }
    this.now = end;
    for (let i = 0; i < 20; i++) await Promise.resolve();
    this.deliver();
  }

  /** Cuts the connection; what is opened meanwhile waits for `connect`. */
  disconnect(): void {
    this.connected = false;
    const keys = [...this.#channels.keys()];
    this.#channels.clear();
    for (const key of keys) this.send({ t: 'dropped', key });
  }

  connect(): void {
    this.connected = true;
    for (const [key, args] of this.#waiting.splice(0)) this.#open(key, args);
  }

  /** Sends what is new to every follower, in frames cut at odd places. */
  deliver(most = Number.POSITIVE_INFINITY): void {
    for (const [key, channel] of [...this.#channels]) this.#forward(key, channel, most);
  }

  /** Ends what is being followed, as the server does when the container stops, starts again or goes. */
  end(id: string, reason: string): void {
    for (const [key, channel] of [...this.#channels]) {
      if (channel.container !== this.container(id)) continue;
      this.#channels.delete(key);
      this.send({ t: 'message', key, message: { ev: 'end', reason } });
    }
  }

  tell(id: string, m: { ev: string; [field: string]: unknown }): void {
    for (const [key, channel] of [...this.#channels]) {
      if (channel.container === this.container(id)) this.send({ t: 'message', key, message: m });
    }
  }

  /** Leaves out what followers have not got yet, as the server does for a tab that does not keep up. */
  leaveOut(id: string): void {
    const container = this.container(id);
    for (const [key, channel] of [...this.#channels]) {
      const lost = container.entries.slice(channel.sent);
      if (channel.container !== container || lost.length === 0) continue;
      channel.sent = container.entries.length;
      const [first, last] = [lost[0], lost.at(-1)].map((entry) => instantText((entry as Entry).time));
      this.send({ t: 'message', key, message: { ev: 'gap', count: lost.length, first, last } });
    }
  }

  /** The texts shown, row by row. */
  async texts(): Promise<string[]> {
    const rows: string[] = [];
    const { version } = this.session.rows;
    for (let from = this.session.rows.first; from < this.session.rows.next; from += 500) {
      const part = (await this.ask({ q: 'rows', version, from, to: from + 500 })) as Array<{ text: string }>;
      rows.push(...part.map((row) => row.text));
    }
    return rows;
  }

  #posted(m: WorkerMessage): void {
    this.messages.push(m);
    if (m.t === 'open') {
      if (this.connected) this.#open(m.key, m.args);
      else this.#waiting.push([m.key, m.args]);
    } else if (m.t === 'close') {
      this.#channels.delete(m.key);
      this.#waiting = this.#waiting.filter(([key]) => key !== m.key);
    } else if (m.t === 'ack') this.acked += m.n;
    else if (m.t === 'state') this.state = m.state;
    else if (m.t === 'answer') {
      this.#answers.get(m.id)?.(m.answer);
      this.#answers.delete(m.id);
    }
  }

  /** Like a socket: answers come later, never inside the call. */
  #open(key: number, args: Record<string, unknown>): void {
    this.opened.push(args);
    const container = this.container(String(args.id));
    const channel = { container, args, sent: firstEntry(container, args) };
    this.#channels.set(key, channel);
    queueMicrotask(() => {
      if (this.#channels.get(key) !== channel) return;
      if (container.failure) {
        this.#channels.delete(key);
        this.send({ t: 'message', key, message: { ev: 'error', ...container.failure } });
        return;
      }
      this.send({
        t: 'message',
        key,
        message: { ev: 'container', state: container.state, tty: false, now: this.now },
      });
      if (args.at) {
        this.send({
          t: 'message',
          key,
          message: { ev: 'located', tail: container.entries.length - channel.sent },
        });
      }
      this.#forward(key, channel, Number.POSITIVE_INFINITY);
      if (this.#channels.get(key) !== channel) return;
      if (args.follow === false) {
        this.#channels.delete(key);
        this.send({ t: 'message', key, message: { ev: 'end', reason: 'complete' } });
      } else this.send({ t: 'message', key, message: { ev: 'caught_up' } });
    });
  }

  #forward(key: number, channel: Channel, most: number): void {
    const until = parseInstant(String(channel.args.until ?? ''));
    const since = parseInstant(String(channel.args.since ?? ''));
    const frames: Uint8Array[] = [];
    while (channel.sent < channel.container.entries.length && frames.length < most) {
      const entry = channel.container.entries[channel.sent] as Entry;
      if (until !== null && compareInstants(entry.time, until) > 0) break;
      channel.sent++;
      if (since !== null && compareInstants(entry.time, since) < 0) continue;
      if (channel.args[entry.stream === 1 ? 'stdout' : 'stderr'] === false) continue;
      frames.push(message(entry.time.sec, entry.text, entry.time.nano, entry.stream));
    }
    const data = bytesOf(...frames);
    for (let at = 0; at < data.length; at += 50_001) {
      if (this.#channels.get(key) !== channel) return;
      this.send({ t: 'bytes', key, data: data.slice(at, at + 50_001) });
    }
  }
}

function firstEntry(container: FakeContainer, args: Record<string, unknown>): number {
  const { entries } = container;
  const at = parseInstant(String(args.at ?? ''));
  if (at !== null) {
    const place = entries.findIndex((entry) => compareInstants(entry.time, at) >= 0);
    return Math.max(0, (place < 0 ? entries.length : place) - Number(args.before ?? 0));
  }
  return args.tail === 'all' ? 0 : Math.max(0, entries.length - Number(args.tail));
}

/** Matches at once, in this thread; answers later, as a worker would. */
class DirectMatcher implements Matcher {
  #callback: (answer: MatchAnswer) => void = () => {};
  #match = matchRequest();
  #over = false;

  send(request: MatchRequest): void {
    const answer = this.#match(request);
    queueMicrotask(() => {
      if (!this.#over) this.#callback(answer);
    });
  }

  onAnswer(callback: (answer: MatchAnswer) => void): void {
    this.#callback = callback;
  }

  dispose(): void {
    this.#over = true;
  }
}
