import { describe, expect, it } from 'vitest';
import { LogClient } from './logclient';
import type { PageMessage, Row, ViewState, WorkerMessage } from './logprotocol';
import type { Handlers, Socket } from './socket';

const OPTIONS = {
  stdout: true,
  stderr: true,
  details: false,
  since: null,
  until: null,
  tail: 1000,
  at: null,
} as const;

function row(n: number, hit = false): Row {
  return {
    row: n,
    line: n,
    text: `line ${n}`,
    cut: 0,
    sec: n,
    nano: 0,
    kind: 0,
    source: 0,
    hit,
    jump: false,
  };
}

/** A client between a worker and a socket that are played by the test. */
class Stage {
  readonly posted: PageMessage[] = [];
  readonly acks: number[] = [];
  readonly handlers: Handlers[] = [];
  closed = 0;
  arrived: number[] = [];
  #tell: (message: WorkerMessage) => void = () => {};
  readonly client: LogClient;

  constructor() {
    const socket: Socket = {
      state: 'open',
      onState: () => ({ dispose: () => {} }),
      open: (_topic, _args, handlers) => {
        this.handlers.push(handlers);
        const close = () => this.closed++;
        return { open: true, send: () => {}, sendBytes: () => {}, ack: (n) => this.acks.push(n), close };
      },
    };
    const worker = {
      post: (message: PageMessage) => this.posted.push(message),
      onMessage: (callback: (message: WorkerMessage) => void) => {
        this.#tell = callback;
      },
      terminate: () => {},
    };
    this.client = new LogClient(worker, socket);
    this.client.arrived.on((rows) => this.arrived.push(...rows));
  }

  tell(message: WorkerMessage): void {
    this.#tell(message);
  }

  state(change: Partial<ViewState> = {}): void {
    const state: ViewState = {
      version: 1,
      first: 0,
      next: 1000,
      lines: 1000,
      bytes: 1,
      rate: 0,
      top: 'more',
      bottom: 'live',
      dropped: 0,
      gaps: 0,
      sources: [],
      hits: null,
      tail: null,
      ...change,
    };
    this.tell({ t: 'state', state });
  }

  /** Questions about rows that have not been answered. */
  asked(): Array<{ id: number; from: number; to: number }> {
    const found: Array<{ id: number; from: number; to: number }> = [];
    for (const message of this.posted.splice(0)) {
      if (message.t === 'ask' && message.question.q === 'rows')
        found.push({ id: message.id, ...message.question });
    }
    return found;
  }

  async answer(
    question: { id: number; from: number; to: number },
    hits: readonly number[] = [],
  ): Promise<void> {
    const rows: Row[] = [];
    for (let n = question.from; n < question.to; n++) rows.push(row(n, hits.includes(n)));
    this.tell({ t: 'answer', id: question.id, answer: rows });
    await Promise.resolve();
    await Promise.resolve();
  }
}

describe('LogClient and rows', () => {
  it('asks once for what is missing, with a margin', async () => {
    const stage = new Stage();
    stage.state();
    stage.client.want(500, 540, 100);
    stage.client.want(501, 541, 100);
    const [question, ...more] = stage.asked();
    expect(question).toMatchObject({ from: 400, to: 640 });
    expect(more).toHaveLength(1);
    await stage.answer(question as never);
    expect(stage.client.row(639)?.text).toBe('line 639');
    expect(stage.arrived).toHaveLength(240);
    stage.client.want(500, 540, 100);
    expect(stage.asked()).toEqual([]);
  });

  it('never asks beyond the ends', () => {
    const stage = new Stage();
    stage.state({ first: -5, next: 3 });
    stage.client.want(-40, 60, 100);
    expect(stage.asked()).toMatchObject([{ from: -5, to: 3 }]);
  });

  it('asks anew for what is on screen when more is known about matches, and tells what changed', async () => {
    const stage = new Stage();
    stage.state();
    stage.client.want(500, 540, 100);
    await stage.answer(stage.asked()[0] as never);
    stage.arrived = [];
    stage.state({ hits: { count: 2, progress: 1, error: '' } });
    expect(stage.client.row(510)?.hit).toBe(false);
    stage.client.want(500, 540, 100);
    const [question] = stage.asked();
    expect(question).toMatchObject({ from: 500, to: 540 });
    await stage.answer(question as never, [510]);
    expect(stage.arrived).toEqual([510]);
  });

  it('forgets everything with another version', async () => {
    const stage = new Stage();
    stage.state();
    stage.client.want(0, 10, 0);
    const [late] = stage.asked();
    stage.state({ version: 2 });
    await stage.answer(late as never);
    expect(stage.client.row(5)).toBeUndefined();
  });

  it('takes the last rows with the state', () => {
    const stage = new Stage();
    stage.state({ tail: [row(998), row(999)] });
    stage.client.want(998, 1000, 0);
    expect(stage.asked()).toEqual([]);
  });
});

describe('LogClient and channels', () => {
  it('passes on what the worker and the server say', () => {
    const stage = new Stage();
    stage.client.start([{ id: 'a', name: 'a' }], OPTIONS, 1);
    stage.tell({ t: 'open', key: 7, args: { id: 'a' } });
    const data = new Uint8Array([1, 2, 3]);
    stage.handlers[0]?.message({ ev: 'container' });
    stage.handlers[0]?.bytes?.(data);
    stage.tell({ t: 'ack', key: 7, n: 3 });
    expect(stage.posted.slice(1)).toMatchObject([
      { t: 'message', key: 7, message: { ev: 'container' } },
      { t: 'bytes', key: 7 },
    ]);
    expect(stage.acks).toEqual([3]);
    stage.tell({ t: 'close', key: 7 });
    expect(stage.closed).toBe(1);
  });

  it('gives a lost channel up, so that the worker opens the next one', () => {
    const stage = new Stage();
    stage.tell({ t: 'open', key: 1, args: {} });
    stage.handlers[0]?.dropped?.();
    expect(stage.closed).toBe(1);
    expect(stage.posted).toEqual([{ t: 'dropped', key: 1 }]);
    stage.tell({ t: 'ack', key: 1, n: 5 });
    expect(stage.acks).toEqual([]);
  });

  it('asks for the places of matches in batches', async () => {
    const stage = new Stage();
    expect(stage.client.marks('1 6', 'line 1', 1)).toBeNull();
    expect(stage.client.marks('2 6', 'line 2', 2)).toBeNull();
    expect(stage.client.marks('2 6', 'line 2', 2)).toBeNull();
    await Promise.resolve();
    expect(stage.posted).toHaveLength(1);
    stage.tell({ t: 'marks', items: [{ key: '2 6', ranges: [0, 4] }] });
    expect(stage.client.marks('2 6', 'line 2', 2)).toEqual([0, 4]);
    expect(stage.arrived).toEqual([2]);
  });
});
