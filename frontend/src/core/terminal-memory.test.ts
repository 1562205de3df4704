import { expect, it } from 'vitest';
import { KEPT_MS, type Remembered, recall, remember } from './terminal-memory';

const one: Remembered = {
  request: { topic: 'exec', args: { id: 'x' } },
  place: { token: 't', offset: 12 },
  screen: '$ ',
  rows: 24,
  cols: 80,
  tab: 0,
};

it('comes back as it was', () => {
  expect(recall(remember([one], 1000), 2000)).toEqual([one]);
});

it('forgets what the server no longer keeps', () => {
  expect(recall(remember([one], 0), KEPT_MS)).toEqual([]);
});

it('leaves out screens that are too large: the server replays them', () => {
  const large = { ...one, screen: 'x'.repeat(2 << 20) };
  const [back] = recall(remember([large], 0), 1);
  expect(back).toMatchObject({ screen: '', place: { token: 't', offset: null } });
});

it.each([null, '', '{', '[]', '{"at":0}', '{"at":0,"terminals":[{}, null, {"request":{"topic":"logs"}}]}'])(
  'makes nothing of %j',
  (text) => {
    expect(recall(text, 0)).toEqual([]);
  },
);
