import { describe, expect, it } from 'vitest';
import { DrawingOrder, Flow, HIGH, PIECE } from './terminal-flow';

/** A terminal that draws when the test says so. */
class Screen {
  readonly writes: Array<{ data: Uint8Array | string; drawn: () => void }> = [];
  total = 0;

  write(data: Uint8Array | string, drawn: () => void): void {
    this.writes.push({ data, drawn });
    this.total += data.length;
  }

  draw(): void {
    for (const write of this.writes.splice(0)) write.drawn();
  }
}

function setUp(count = 1) {
  const turns: Array<() => void> = [];
  const order = new DrawingOrder((callback) => turns.push(callback));
  const all = Array.from({ length: count }, () => {
    const screen = new Screen();
    const acks: number[] = [];
    return { screen, acks, flow: new Flow(order, screen, (n) => acks.push(n)) };
  });
  const turn = () => {
    for (const { screen } of all) screen.draw();
    for (const callback of turns.splice(0)) callback();
  };
  return { order, all, turn, first: all[0] as (typeof all)[number] };
}

const bytes = (n: number) => new Uint8Array(n);

describe('acknowledging', () => {
  it('counts what was drawn, not what arrived', () => {
    const { order, first } = setUp();
    order.focus(first.flow);
    first.flow.push(bytes(40_000), 40_000);
    expect(first.acks).toEqual([]);
    expect(first.flow.drawn).toBe(0);
    first.screen.draw();
    expect(first.acks.reduce((a, b) => a + b, 0)).toBeGreaterThanOrEqual(32 << 10);
    expect(first.flow.drawn).toBe(40_000);
  });

  it('costs no message for a key press', () => {
    const { order, first } = setUp();
    order.focus(first.flow);
    for (let i = 0; i < 100; i++) first.flow.push(bytes(1), 1);
    first.screen.draw();
    expect(first.acks).toEqual([]);
  });

  it('counts the bytes of the wire, whatever was written for them', () => {
    const { order, first } = setUp();
    order.focus(first.flow);
    first.flow.push('x'.repeat(3 * PIECE + 7), 100_001);
    first.flow.push('', 8);
    first.screen.draw();
    expect(first.flow.drawn).toBe(100_009);
  });

  it('forgets what was meant for a screen that was emptied', () => {
    const { order, first } = setUp();
    order.focus(first.flow);
    first.flow.push(bytes(2 * HIGH), 2 * HIGH);
    first.flow.empty();
    first.flow.push(bytes(10), 10);
    while (first.screen.writes.length) first.screen.draw();
    expect(first.flow.drawn).toBe(10);
    expect(first.acks).toEqual([]);
  });

  it('owes nothing to a channel that is gone', () => {
    const { order, first } = setUp();
    order.focus(first.flow);
    first.flow.push(bytes(100_000), 100_000);
    first.flow.restart();
    first.screen.draw();
    expect(first.acks).toEqual([]);
    expect(first.flow.drawn).toBe(100_000);
  });
});

describe('the terminal in front', () => {
  it('holds at most HIGH bytes and is filled again when it has drawn', () => {
    const { order, first } = setUp();
    order.focus(first.flow);
    first.flow.push(bytes(3 * HIGH), 3 * HIGH);
    expect(first.screen.total).toBe(HIGH);
    first.screen.draw();
    expect(first.screen.total).toBeGreaterThan(HIGH);
    while (first.screen.writes.length) first.screen.draw();
    expect(first.flow.drawn).toBe(3 * HIGH);
  });

  it('is written at once while others flood', () => {
    const { order, all } = setUp(2);
    const [front, flood] = all as [(typeof all)[number], (typeof all)[number]];
    order.focus(front.flow);
    flood.flow.push(bytes(10 * PIECE), 10 * PIECE);
    front.flow.push('a', 1);
    expect(front.screen.total).toBe(1);
  });
});

describe('the others', () => {
  it('take turns, one piece between them at a time', () => {
    const { all, turn } = setUp(3);
    for (const { flow } of all) flow.push(bytes(4 * PIECE), 4 * PIECE);
    expect(all.map(({ screen }) => screen.total)).toEqual([PIECE, 0, 0]);
    turn();
    expect(all.map(({ screen }) => screen.total)).toEqual([PIECE, PIECE, 0]);
    turn();
    turn();
    expect(all.map(({ screen }) => screen.total)).toEqual([2 * PIECE, PIECE, PIECE]);
    for (let i = 0; i < 10; i++) turn();
    expect(all.map(({ flow }) => flow.drawn)).toEqual([4 * PIECE, 4 * PIECE, 4 * PIECE]);
  });

  it('go on when the focus moves away in the middle of a flood', () => {
    const { order, all, turn } = setUp(2);
    const [a, b] = all as [(typeof all)[number], (typeof all)[number]];
    order.focus(a.flow);
    a.flow.push(bytes(2 * HIGH), 2 * HIGH);
    order.focus(b.flow);
    for (let i = 0; i < 100; i++) turn();
    expect(a.flow.drawn).toBe(2 * HIGH);
  });

  it('are not held up by one that is closed', () => {
    const { all, turn } = setUp(2);
    const [a, b] = all as [(typeof all)[number], (typeof all)[number]];
    a.flow.push(bytes(4 * PIECE), 4 * PIECE);
    b.flow.push(bytes(2 * PIECE), 2 * PIECE);
    a.flow.dispose();
    for (let i = 0; i < 5; i++) turn();
    expect(b.flow.drawn).toBe(2 * PIECE);
  });
});
