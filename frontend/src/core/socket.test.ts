import { beforeEach, describe, expect, it, vi } from 'vitest';
import { MuxSocket, type ServerMessage, type SocketEnvironment, type WebSocketLike } from './socket';

class FakeWebSocket implements WebSocketLike {
  binaryType = 'blob';
  readyState = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  sent: unknown[] = [];
  closed = false;

  send(data: string | ArrayBufferView<ArrayBuffer>): void {
    this.sent.push(typeof data === 'string' ? JSON.parse(data) : data);
  }
  close(): void {
    this.closed = true;
    this.readyState = 3;
  }
  accept(): void {
    this.readyState = 1;
    this.onopen?.({} as never);
  }
  text(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) } as never);
  }
  binary(...bytes: number[]): void {
    this.onmessage?.({ data: new Uint8Array(bytes).buffer } as never);
  }
  drop(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code } as never);
  }
}

let sockets: FakeWebSocket[];
let wake: () => void;
let login: ReturnType<typeof vi.fn<() => void>>;
let socket: MuxSocket;

function latest(): FakeWebSocket {
  const last = sockets.at(-1);
  if (last === undefined) throw new Error('no connection was made');
  return last;
}

function recorder(extra: object = {}) {
  const events: ServerMessage[] = [];
  const chunks: number[][] = [];
  const handlers = {
    message: (m: ServerMessage) => void events.push(m),
    bytes: (data: Uint8Array) => void chunks.push([...data]),
    ...extra,
  };
  return { events, chunks, handlers };
}

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  login = vi.fn<() => void>();
  const env: SocketEnvironment = {
    connect: () => {
      const fake = new FakeWebSocket();
      sockets.push(fake);
      return fake;
    },
    random: () => 1,
    setTimeout: (callback, ms) => setTimeout(callback, ms) as unknown as number,
    clearTimeout: (id) => clearTimeout(id),
    onWake: (callback) => {
      wake = callback;
    },
    login,
  };
  socket = new MuxSocket(env);
});

describe('channels', () => {
  it('connects with the first channel and opens it once connected', () => {
    expect(sockets).toHaveLength(0);
    socket.open('logs', { id: 'a' }, recorder().handlers);
    expect(latest().sent).toEqual([]);
    latest().accept();
    expect(latest().sent).toEqual([{ op: 'open', ch: 1, topic: 'logs', args: { id: 'a' } }]);
  });

  it('uses one connection for all channels and delivers by number', () => {
    const first = recorder();
    const second = recorder();
    socket.open('a', {}, first.handlers);
    socket.open('b', {}, second.handlers);
    latest().accept();
    latest().text({ ch: 2, ev: 'open' });
    latest().binary(1, 7, 8);
    latest().binary(2);
    expect(sockets).toHaveLength(1);
    expect(first.events).toEqual([]);
    expect(first.chunks).toEqual([[7, 8]]);
    expect(second.events).toEqual([{ ch: 2, ev: 'open' }]);
    expect(second.chunks).toEqual([[]]);
  });

  it('prefixes bytes with the channel and sends acks and ops', () => {
    const channel = socket.open('exec', {}, recorder().handlers);
    latest().accept();
    channel.sendBytes(new Uint8Array([9]));
    channel.ack(512);
    channel.ack(0);
    channel.send('resize', { h: 24, w: 80 });
    const sent = latest().sent;
    expect([...(sent[1] as Uint8Array)]).toEqual([1, 9]);
    expect(sent.slice(2)).toEqual([
      { op: 'ack', ch: 1, n: 512 },
      { op: 'resize', ch: 1, h: 24, w: 80 },
    ]);
  });

  it('is open from the server’s word until the end', () => {
    const channel = socket.open('exec', {}, recorder().handlers);
    latest().accept();
    expect(channel.open).toBe(false);
    latest().text({ ch: 1, ev: 'open' });
    expect(channel.open).toBe(true);
    latest().text({ ch: 1, ev: 'end', reason: 'exited' });
    expect(channel.open).toBe(false);
  });

  it('does not hand late frames of a closed channel to the next one', () => {
    const old = socket.open('a', {}, recorder().handlers);
    latest().accept();
    old.close();
    const next = recorder();
    socket.open('b', {}, next.handlers);
    latest().binary(1, 1);
    expect(next.chunks).toEqual([]);
    expect(latest().sent.at(-2)).toEqual({ op: 'close', ch: 1 });
    expect(latest().sent.at(-1)).toMatchObject({ op: 'open', ch: 2 });
  });

  it('refuses a 256th live channel', () => {
    for (let n = 0; n < 255; n++) socket.open('a', {}, recorder().handlers);
    expect(() => socket.open('a', {}, recorder().handlers)).toThrow('255');
  });

  it('echoes sync once the handlers have seen what came before', () => {
    const order: string[] = [];
    socket.open('a', {}, { message: () => void order.push(`seen with ${latest().sent.length} sent`) });
    latest().accept();
    latest().text({ ch: 1, ev: 'row' });
    latest().text({ ev: 'sync', n: 70000 });
    expect(order).toEqual(['seen with 1 sent']);
    expect(latest().sent.at(-1)).toEqual({ op: 'sync', n: 70000 });
  });

  it('paces input by the server’s acks, in frames of 32 KiB and in order with ops', () => {
    const channel = socket.open('exec', {}, recorder().handlers);
    latest().accept();
    channel.sendBytes(new Uint8Array(256 << 10));
    channel.send('eof');
    const sizes = () =>
      latest()
        .sent.slice(1)
        .map((item) => (item instanceof Uint8Array ? item.length - 1 : item));
    expect(sizes()).toEqual(Array(6).fill(32 << 10));
    latest().text({ ch: 1, ev: 'ack', n: 96 << 10 });
    expect(sizes()).toEqual([...Array(8).fill(32 << 10), { op: 'eof', ch: 1 }]);
  });

  it('forgets input that a lost connection did not take', () => {
    const channel = socket.open('exec', {}, recorder().handlers);
    latest().accept();
    channel.sendBytes(new Uint8Array(300 << 10));
    latest().drop();
    channel.sendBytes(new Uint8Array([1]));
    wake();
    latest().accept();
    expect(latest().sent).toHaveLength(1);
  });

  it('answers the server’s ping', () => {
    socket.open('a', {}, recorder().handlers);
    latest().accept();
    latest().text({ ev: 'ping' });
    expect(latest().sent.at(-1)).toEqual({ op: 'pong' });
  });
});

describe('reconnecting', () => {
  it('backs off, and re-opens what had not ended with its resume arguments', () => {
    const dropped = vi.fn();
    socket.open(
      'logs',
      { id: 'a', tail: 100 },
      recorder({ dropped, resume: () => ({ cursor: '5' }) }).handlers,
    );
    socket.open('job', {}, recorder().handlers);
    const closed = socket.open('stats', {}, recorder().handlers);
    latest().accept();
    latest().text({ ch: 2, ev: 'end' });
    closed.close();
    latest().drop();
    expect(dropped).toHaveBeenCalledOnce();
    expect(socket.state).toBe('lost');
    vi.advanceTimersByTime(399);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
    latest().accept();
    expect(socket.state).toBe('open');
    expect(latest().sent).toEqual([
      { op: 'open', ch: 1, topic: 'logs', args: { id: 'a', tail: 100, cursor: '5' } },
    ]);
  });

  it('doubles the pause up to 15 s and starts over once something arrived', () => {
    socket.open('a', {}, recorder().handlers);
    const pauses: number[] = [];
    for (let n = 0; n < 8; n++) {
      latest().drop();
      const before = sockets.length;
      let waited = 0;
      while (sockets.length === before) {
        vi.advanceTimersByTime(100);
        waited += 100;
      }
      pauses.push(waited);
    }
    expect(pauses).toEqual([400, 800, 1600, 3200, 6400, 12800, 15000, 15000]);
    latest().accept();
    latest().text({ ch: 1, ev: 'open' });
    latest().drop();
    vi.advanceTimersByTime(400);
    expect(sockets).toHaveLength(10);
  });

  it('reconnects at once when the network or the tab comes back', () => {
    socket.open('a', {}, recorder().handlers);
    latest().accept();
    latest().drop();
    wake();
    expect(sockets).toHaveLength(2);
  });

  it('gives up an attempt that the network swallows', () => {
    socket.open('a', {}, recorder().handlers);
    vi.advanceTimersByTime(10_400);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it('gives up a connection that does not answer a ping', () => {
    socket.open('a', {}, recorder().handlers);
    latest().accept();
    vi.advanceTimersByTime(20_000);
    expect(latest().sent.at(-1)).toEqual({ op: 'ping' });
    vi.advanceTimersByTime(10_000);
    expect(sockets[0]?.closed).toBe(true);
    expect(socket.state).toBe('lost');
  });

  it('checks an open connection on waking, and keeps it when the pong comes', () => {
    socket.open('a', {}, recorder().handlers);
    latest().accept();
    wake();
    latest().text({ ev: 'pong' });
    vi.advanceTimersByTime(5_000);
    expect(socket.state).toBe('open');
    wake();
    vi.advanceTimersByTime(3_000);
    expect(socket.state).toBe('lost');
  });

  it('goes to the login page when the session has ended, and does not retry', () => {
    socket.open('a', {}, recorder().handlers);
    latest().accept();
    latest().drop(4401);
    expect(login).toHaveBeenCalledOnce();
    vi.advanceTimersByTime(15_000);
    expect(sockets).toHaveLength(1);
  });

  it('does not repeat what the server calls a bad message', () => {
    socket.open('a', {}, recorder().handlers);
    latest().drop(4400);
    vi.advanceTimersByTime(15_000);
    expect(sockets).toHaveLength(1);
    expect(login).not.toHaveBeenCalled();
    expect(socket.state).toBe('refused');
  });
});

describe('errors of a channel', () => {
  it('end it, unless it asked to be tried again and time may heal the error', () => {
    const plain = recorder();
    const patient = recorder({ retry: true });
    socket.open('a', {}, plain.handlers);
    socket.open('b', {}, patient.handlers);
    latest().accept();
    latest().text({ ch: 1, ev: 'error', status: 503, message: 'no Engine' });
    latest().text({ ch: 2, ev: 'error', status: 503, message: 'no Engine' });
    vi.advanceTimersByTime(1_000);
    expect(latest().sent.slice(2)).toEqual([{ op: 'open', ch: 2, topic: 'b', args: {} }]);
    expect(plain.events).toHaveLength(1);
    latest().text({ ch: 2, ev: 'error', status: 404, message: 'gone' });
    vi.advanceTimersByTime(15_000);
    expect(latest().sent.filter((m) => (m as { op: string }).op === 'open')).toHaveLength(3);
  });

  it('stop being retried when the channel is closed', () => {
    const channel = socket.open('b', {}, recorder({ retry: true }).handlers);
    latest().accept();
    latest().text({ ch: 1, ev: 'error', status: 503, message: 'no Engine' });
    channel.close();
    vi.advanceTimersByTime(15_000);
    expect(latest().sent.filter((m) => (m as { op: string }).op === 'open')).toHaveLength(1);
  });
});
