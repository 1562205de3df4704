import { describe, expect, it } from 'vitest';
import { EventBuffer, type EventItem, matches, sentenceOf } from './events';

function item(n: number, name = 'web-1'): EventItem {
  return {
    n,
    at: n,
    type: 'container',
    action: 'start',
    id: `c${n}`,
    routine: false,
    icon: 'box',
    tone: 'ok',
    text: [
      [name, true],
      [' started', false],
    ],
  };
}

const numbers = (items: readonly EventItem[]) => items.map((each) => each.n);

describe('an event', () => {
  it('is a sentence', () => {
    expect(sentenceOf(item(1))).toBe('web-1 started');
  });

  it('is found by words of its sentence, type, action and id', () => {
    expect(matches(item(1), '')).toBe(true);
    expect(matches(item(1), 'WEB container')).toBe(true);
    expect(matches(item(1), 'web stopped')).toBe(false);
    expect(matches(item(7), 'c7')).toBe(true);
  });
});

describe('the buffer', () => {
  it('passes on what is new, once', () => {
    const buffer = new EventBuffer(10);
    expect(numbers(buffer.take([item(1), item(2)], 'a').show)).toEqual([1, 2]);
    expect(numbers(buffer.take([item(2), item(3)], 'a').show)).toEqual([3]);
    expect(buffer.place).toEqual({ after: 3, log: 'a' });
  });

  it('starts over with another log, whose numbers mean other events', () => {
    const buffer = new EventBuffer(10);
    buffer.take([item(5)], 'a');
    const { show, fresh } = buffer.take([item(1)], 'b');
    expect(fresh).toBe(true);
    expect(numbers(show)).toEqual([1]);
  });

  it('holds events back while paused, and says how many it had to drop', () => {
    const buffer = new EventBuffer(2);
    buffer.pause();
    expect(buffer.take([item(1), item(2), item(3)], 'a').show).toEqual([]);
    expect(buffer.waiting).toBe(3);
    const { show, dropped } = buffer.resume();
    expect(numbers(show)).toEqual([2, 3]);
    expect(dropped).toBe(1);
    expect(buffer.waiting).toBe(0);
    expect(numbers(buffer.take([item(4)], 'a').show)).toEqual([4]);
  });
});
