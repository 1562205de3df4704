import { beforeEach, describe, expect, it } from 'vitest';
import type { Channel, Handlers, Socket } from './socket';
import { DrawingOrder } from './terminal-flow';
import { TerminalSession } from './terminal-session';
import { noteOf, statusOf } from './terminal-words';

class Server implements Socket {
  readonly state = 'open';
  args: Record<string, unknown> = {};
  handlers!: Handlers;
  readonly sent: Array<[string, unknown]> = [];
  typed = '';
  acked = 0;
  closed = false;

  open(topic: string, args: object, handlers: Handlers): Channel {
    this.args = { topic, ...args };
    this.handlers = handlers;
    return {
      open: true,
      send: (op, fields = {}) => this.sent.push([op, fields]),
      sendBytes: (data) => {
        this.typed += new TextDecoder().decode(data);
      },
      ack: (n) => {
        this.acked += n;
      },
      close: () => {
        this.closed = true;
      },
    };
  }

  onState() {
    return { dispose() {} };
  }

  says(ev: string, fields: object = {}): void {
    this.handlers.message({ ev, ...fields });
  }

  prints(data: Uint8Array | string): void {
    this.handlers.bytes?.(typeof data === 'string' ? new TextEncoder().encode(data) : data);
  }
}

const STARTED = {
  token: 'secret',
  offset: 0,
  fresh: true,
  replay: 0,
  kind: 'exec',
  name: 'web-1',
  command: ['/bin/sh'],
  user: 'root',
  tty: true,
  stdin: true,
  half_close: false,
  framed: false,
};

function frame(stream: number, text: string | Uint8Array): Uint8Array {
  const payload = typeof text === 'string' ? new TextEncoder().encode(text) : text;
  const data = new Uint8Array(8 + payload.length);
  data[0] = stream;
  new DataView(data.buffer).setUint32(4, payload.length);
  data.set(payload, 8);
  return data;
}

let server: Server;
let session: TerminalSession;
let shown: string;
let undrawn: Array<() => void>;
let drawAtOnce: boolean;
let clock: number;

beforeEach(() => {
  server = new Server();
  shown = '';
  undrawn = [];
  drawAtOnce = true;
  clock = 0;
  session = new TerminalSession(
    server,
    { topic: 'exec', args: { id: 'web-1' } },
    {
      order: new DrawingOrder((callback) => callback()),
      sink: {
        write(data, drawn) {
          shown += typeof data === 'string' ? data : new TextDecoder().decode(data);
          if (drawAtOnce) drawn();
          else undrawn.push(drawn);
        },
      },
      size: () => ({ rows: 24, cols: 80 }),
      clear: () => {
        shown = '';
      },
      changed: () => {},
      now: () => clock,
    },
  );
});

it('opens with the size of the screen and runs when the server says so', () => {
  session.open();
  expect(server.args).toEqual({ topic: 'exec', id: 'web-1', rows: 24, cols: 80 });
  session.input('early ');
  expect(server.typed).toBe('');
  server.says('started', STARTED);
  session.input('é');
  expect(server.typed).toBe('early é');
  expect(statusOf(session)).toEqual({ text: 'Connected', tone: 'is-running' });
});

describe('coming back', () => {
  it('asks for what it has not received', () => {
    session.open();
    server.says('started', STARTED);
    server.prints('12345');
    server.handlers.dropped?.();
    expect(session.phase).toBe('lost');
    session.input('lost keys are not kept');
    expect(server.handlers.resume?.()).toEqual({ reattach: 'secret', offset: 5, rows: 24, cols: 80 });
    server.says('started', { ...STARTED, offset: 5, fresh: false });
    server.prints('67');
    expect(shown).toBe('1234567');
    expect(server.typed).toBe('');
  });

  it('starts again when the connection dropped before there was anything to come back to', () => {
    session.open();
    expect(server.handlers.resume?.()).toEqual({ rows: 24, cols: 80 });
  });

  it('empties the screen when the server has to replay, and knows its place again', () => {
    session.open({ token: 'secret', offset: null });
    expect(server.args).toMatchObject({ reattach: 'secret', offset: null });
    shown = 'old';
    server.says('started', { ...STARTED, offset: 100, replay: 6 });
    expect(session.replaying).toBe(true);
    server.prints('screen');
    expect(session.replaying).toBe(false);
    expect(shown).toBe('screen');
    expect(session.place).toEqual({ token: 'secret', offset: 106 });
  });

  it('remembers what was drawn, not what arrived', () => {
    session.open();
    server.says('started', STARTED);
    server.prints('abc');
    drawAtOnce = false;
    server.prints('not yet');
    expect(session.place).toEqual({ token: 'secret', offset: 3 });
  });

  it('ends when the session is gone', () => {
    session.open({ token: 'old', offset: 3 });
    server.says('error', { status: 400, message: 'This session is over.' });
    expect(noteOf(session)).toEqual({ title: 'Session ended', text: 'This session is over.' });
    expect(session.place).toBeNull();
  });
});

describe('without a tty', () => {
  beforeEach(() => {
    session.open();
    server.says('started', { ...STARTED, tty: false, half_close: true, framed: true });
  });

  it('takes the streams apart and shows stderr in red', () => {
    server.prints(new Uint8Array([...frame(1, 'out\n'), ...frame(2, 'err\n')]));
    expect(shown).toBe('out\n\x1b[31merr\n\x1b[39m');
  });

  it('puts letters together that are split between frames', () => {
    const [a, b, c] = new TextEncoder().encode('猫');
    server.prints(frame(1, new Uint8Array([a as number, b as number])));
    server.prints(frame(2, '!'));
    server.prints(frame(1, new Uint8Array([c as number])));
    expect(shown).toBe('\x1b[31m!\x1b[39m猫');
  });

  it('is at a place where a frame begins', () => {
    const two = new Uint8Array([...frame(1, 'one'), ...frame(1, 'two')]);
    server.prints(two.subarray(0, 15));
    expect(session.place?.offset).toBe(11);
    expect(server.handlers.resume?.()).toMatchObject({ offset: 15 });
    server.prints(two.subarray(15));
    expect(shown).toBe('onetwo');
  });

  it('ends at garbage', () => {
    server.prints('this is not a frame');
    expect(session.phase).toBe('ended');
    expect(server.closed).toBe(true);
  });

  it('closes its input once', () => {
    session.closeInput();
    server.says('eof', { done: true });
    session.closeInput();
    session.input('x');
    expect(server.sent.filter(([op]) => op === 'eof')).toHaveLength(1);
    expect(server.typed).toBe('');
  });
});

it('acknowledges what is drawn', () => {
  session.open();
  server.says('started', STARTED);
  session.host.order.focus(session.flow);
  drawAtOnce = false;
  server.prints(new Uint8Array(40_000));
  expect(server.acked).toBe(0);
  for (const drawn of undrawn.splice(0)) drawn();
  expect(server.acked).toBeGreaterThan(32_000);
});

it('tells how it ended', () => {
  session.open();
  server.says('started', STARTED);
  server.says('exit', { code: 3, message: '', survived: false, pid: null });
  server.says('end', { reason: 'exited' });
  expect(noteOf(session)).toEqual({ title: 'Exited with code 3', text: '' });
  expect(statusOf(session).text).toBe('Exit 3');
  session.input('x');
  expect(server.typed).toBe('');
});

it('says when another window took over', () => {
  session.open();
  server.says('started', STARTED);
  server.says('end', { reason: 'superseded' });
  expect(noteOf(session)?.text).toBe('It was opened in another window.');
});

it('says why it did not start, and starts when the Engine is back', () => {
  session.open();
  server.says('error', { status: 503, message: 'The Engine cannot be reached.' });
  expect(noteOf(session)).toEqual({ title: 'Not started', text: 'The Engine cannot be reached.' });
  server.says('started', STARTED);
  expect(noteOf(session)).toBeNull();
});

it('knows when the container is paused', () => {
  session.open();
  server.says('started', STARTED);
  server.says('container', { action: 'pause' });
  expect(statusOf(session).text).toBe('Container paused');
  server.says('container', { action: 'unpause' });
  expect(statusOf(session).text).toBe('Connected');
});

it('marks what it never got', () => {
  session.open();
  server.says('started', STARTED);
  server.says('gap', { count: 3 << 20, from: 0, to: 0 });
  expect(shown).toContain('3.0 MiB of output left out');
});

it('measures the way to the server and back', () => {
  session.open();
  server.says('started', STARTED);
  clock = 12;
  server.says('probe', { n: 1 });
  expect(session.latency).toBe(12);
  session.probe();
  clock = 50;
  server.says('probe', { n: 1 });
  expect(session.latency).toBe(12);
});
