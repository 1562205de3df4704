import { describe, expect, it } from 'vitest';
import type { LogOptions } from './logprotocol';
import { FakeTab } from './testing/fake-engine';

const OPTIONS: LogOptions = {
  stdout: true,
  stderr: true,
  details: false,
  since: null,
  until: null,
  tail: 1000,
  at: null,
};

async function start(
  tab: FakeTab,
  ids: string[],
  options: Partial<LogOptions> = {},
  limit = 128 << 20,
): Promise<void> {
  const sources = ids.map((id) => ({ id, name: id }));
  tab.send({ t: 'start', sources, options: { ...OPTIONS, ...options }, limit });
  await tab.pass(1000);
}

function write(tab: FakeTab, id: string, from: number, to: number, text = (n: number) => `${id}${n}`): void {
  for (let n = from; n < to; n++) tab.container(id).log(999_990_000 + Math.floor(n / 10), text(n), n % 10);
}

function range(id: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${id}${from + i}`);
}

describe('a followed log', () => {
  it('shows the last lines and what comes', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 1500);
    await start(tab, ['a']);
    expect(await tab.texts()).toEqual(range('a', 500, 1500));
    write(tab, 'a', 1500, 1510);
    await tab.pass(100);
    expect(await tab.texts()).toEqual(range('a', 500, 1510));
    expect(tab.state).toMatchObject({ bottom: 'live', top: 'more', lines: 1010 });
    expect(tab.state?.tail?.at(-1)?.text).toBe('a1509');
    expect(tab.acked).toBeGreaterThan(0);
  });

  it('goes on after every lost connection without loss or doubles', async () => {
    const tab = new FakeTab();
    let n = 0;
    let seed = 3;
    await start(tab, ['a']);
    for (let round = 0; round < 100; round++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      write(tab, 'a', n, n + (seed % 97));
      n += seed % 97;
      tab.deliver(seed % 50);
      tab.disconnect();
      write(tab, 'a', n, n + (seed % 31));
      n += seed % 31;
      await tab.pass(seed % 300);
      tab.connect();
      await tab.pass(seed % 500);
    }
    expect(await tab.texts()).toEqual(range('a', 0, n));
  });

  it('keeps lines that were written out of order around a cut', async () => {
    const tab = new FakeTab();
    const c = tab.container('a');
    c.log(1000, 'one', 100);
    c.log(1000, 'late', 300, 2);
    await start(tab, ['a']);
    tab.disconnect();
    c.log(1000, 'early', 200, 1);
    c.log(1000, 'early', 200, 1);
    tab.connect();
    await tab.pass(100);
    expect(await tab.texts()).toEqual(['one', 'late', 'early', 'early']);
  });

  it('fills a gap when too much was missed', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 100);
    await start(tab, ['a']);
    tab.disconnect();
    write(tab, 'a', 100, 30_100);
    tab.connect();
    await tab.pass(100);
    const texts = await tab.texts();
    expect(texts[100]).toMatch(/"kind":"gap"/);
    expect(tab.state?.gaps).toBe(1);
    expect(texts.slice(101)).toEqual(range('a', 10_100, 30_100));
    tab.send({ t: 'fill', line: tab.session.store.first + 100 });
    await tab.pass(1000);
    expect(await tab.texts()).toEqual(range('a', 0, 30_100));
  });

  it('fills a short gap by itself', async () => {
    const tab = new FakeTab();
    tab.container('a').log(5000, 'first');
    await start(tab, ['a']);
    tab.disconnect();
    for (let n = 0; n < 25_000; n++) tab.container('a').log(5001, `b${n}`, n);
    tab.connect();
    await tab.pass(2000);
    expect(await tab.texts()).toEqual(['first', ...range('b', 0, 25_000)]);
  });

  it.each([1, 2])('makes good what was left out in a short stall (%s sources)', async (sources) => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 100);
    await start(tab, ['a', 'b'].slice(0, sources));
    write(tab, 'a', 100, 5100);
    tab.leaveOut('a');
    write(tab, 'a', 5100, 5200);
    await tab.pass(300);
    const notice = (await tab.texts())[100] as string;
    expect(JSON.parse(notice)).toMatchObject({ kind: 'gap', count: 5000 });
    expect(tab.state?.gaps).toBe(1);
    await tab.pass(2000);
    expect(await tab.texts()).toEqual(range('a', 0, 5200));
    expect(tab.state?.gaps).toBe(0);
  });

  it('leaves the gaps of a flood to be loaded when asked for', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 100);
    await start(tab, ['a']);
    for (let n = 100; n < 10_100; n += 1000) {
      write(tab, 'a', n, n + 900);
      tab.leaveOut('a');
      write(tab, 'a', n + 900, n + 1000);
      await tab.pass(1000);
    }
    await tab.pass(60_000);
    expect(tab.state?.gaps).toBe(9);
    const places = (await tab.texts()).flatMap((text, n) => (text.startsWith('{') ? [n] : []));
    const last = places[8] as number;
    expect(await tab.ask({ q: 'gap', before: null })).toEqual({ row: last, line: last });
    expect(await tab.ask({ q: 'gap', before: last })).toMatchObject({ row: places[7] });
    expect(await tab.ask({ q: 'gap', before: places[0] as number })).toMatchObject({ row: last });
    for (let gaps = 9; gaps > 0; gaps--) {
      const line =
        tab.session.store.first + (await tab.texts()).findLastIndex((text) => text.startsWith('{'));
      tab.send({ t: 'fill', line });
      await tab.pass(1000);
    }
    expect(await tab.texts()).toEqual(range('a', 0, 10_100));
    expect(await tab.ask({ q: 'gap', before: null })).toBeNull();
  });

  it('forgets what was left out when it has to begin anew', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 100);
    await start(tab, ['a']);
    write(tab, 'a', 100, 200);
    tab.leaveOut('a');
    tab.disconnect();
    write(tab, 'a', 200, 300);
    tab.connect();
    await tab.pass(500);
    expect(await tab.texts()).toEqual(range('a', 0, 300));
    expect(tab.state?.gaps).toBe(0);
  });

  it('fills a gap although the connection breaks while it does', async () => {
    const tab = new FakeTab();
    tab.container('a').log(5000, 'first');
    await start(tab, ['a']);
    tab.disconnect();
    for (let n = 0; n < 60_000; n++) tab.container('a').log(5001, `b${n}`, n);
    for (let i = 0; i < 3; i++) {
      tab.connect();
      await tab.pass(300);
      tab.disconnect();
    }
    tab.send({ t: 'older' });
    tab.connect();
    await tab.pass(5000);
    expect(await tab.texts()).toEqual(['first', ...range('b', 0, 60_000)]);
  });

  it.each([['a'], ['a', 'b']])(
    'loses and doubles nothing of a flood in which gaps open and close (%s)',
    async (...ids) => {
      const tab = new FakeTab();
      let n = 0;
      let seed = 5;
      const flood = (lines: number) => {
        for (const end = n + lines; n < end; n++) {
          tab
            .container(ids[n % ids.length] as string)
            .log(7000 + Math.floor(n / 100_000), `b${n}`, (n % 100_000) * 10_000);
        }
      };
      await start(tab, ids, { tail: 'all' });
      for (let round = 0; round < 4; round++) {
        seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
        flood(100 + (seed % 2_000));
        tab.deliver(seed % 700);
        tab.disconnect();
        flood(ids.length * (14_000 + (seed % 9_000)));
        tab.connect();
        await tab.pass(seed % 900);
        flood(seed % 300);
        tab.deliver(50);
      }
      await tab.pass(60_000);
      expect(await tab.texts()).toEqual(range('b', 0, n));
    },
    30_000,
  );

  it('says what the Engine no longer has', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 100);
    await start(tab, ['a']);
    tab.disconnect();
    tab.container('a').entries = [];
    write(tab, 'a', 50_000, 50_010);
    tab.connect();
    await tab.pass(100);
    expect((await tab.texts())[100]).toMatch(/"kind":"gap"/);
    tab.send({ t: 'fill', line: tab.session.store.first + 100 });
    await tab.pass(1000);
    const texts = await tab.texts();
    expect(texts[100]).toMatch(/"kind":"lost"/);
    expect(texts.slice(101)).toEqual(range('a', 50_000, 50_010));
  });

  it('says that the container stopped, started again and was removed', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 3);
    await start(tab, ['a']);
    tab.tell('a', { ev: 'stopped', state: 'exited', exit_code: 137, oom_killed: true, finished_at: 'x' });
    await tab.pass(100);
    expect(tab.state?.sources[0]).toMatchObject({ phase: 'stopped', state: 'exited' });
    tab.disconnect();
    tab.connect();
    await tab.pass(100);
    tab.tell('a', { ev: 'stopped', state: 'exited', exit_code: 137, oom_killed: true, finished_at: 'x' });
    write(tab, 'a', 3, 5);
    tab.end('a', 'started');
    await tab.pass(100);
    tab.end('a', 'removed');
    await tab.pass(100);
    expect(await tab.texts()).toEqual([
      ...range('a', 0, 3),
      '{"kind":"stopped","exit":137,"oom":true,"error":""}',
      '{"kind":"started"}',
      'a3',
      'a4',
      '{"kind":"removed"}',
    ]);
    expect(tab.state?.sources[0]).toMatchObject({ phase: 'failed', status: 404, state: 'removed' });
    expect(tab.state?.bottom).toBe('end');
  });

  it('says nothing of the kind when the container was never started', async () => {
    const tab = new FakeTab();
    tab.container('a').state = 'created';
    await start(tab, ['a']);
    tab.tell('a', { ev: 'stopped', state: 'created', exit_code: 0, finished_at: '0001' });
    await tab.pass(100);
    expect(await tab.texts()).toEqual([]);
    expect(tab.state?.sources[0]).toMatchObject({ phase: 'stopped', state: 'created' });
  });

  it('tries again while the Engine is away, and not when it refuses', async () => {
    const tab = new FakeTab();
    tab.container('a').failure = { status: 503, message: 'away' };
    await start(tab, ['a']);
    expect(tab.state?.sources[0]).toMatchObject({ phase: 'lost', status: 503, message: 'away' });
    tab.container('a').failure = { status: 501, message: 'driver "none"' };
    await tab.pass(20_000);
    expect(tab.state?.sources[0]).toMatchObject({ phase: 'failed', status: 501 });
    const opened = tab.opened.length;
    await tab.pass(60_000);
    expect(tab.opened.length).toBe(opened);
  });

  it('stops at bytes that are no log', async () => {
    const tab = new FakeTab();
    await start(tab, ['a']);
    tab.send({ t: 'bytes', key: 1, data: new TextEncoder().encode('HTTP/1.1 400 Bad Request') });
    await tab.pass(50);
    expect(tab.state?.sources[0]).toMatchObject({ phase: 'lost', status: 502 });
  });
});

describe('the past', () => {
  it('is paged back to its start', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 6_500);
    await start(tab, ['a']);
    for (let i = 0; i < 10 && tab.state?.top !== 'start'; i++) {
      write(tab, 'a', 6_500 + i, 6_501 + i);
      tab.send({ t: 'older' });
      await tab.pass(200);
    }
    expect(tab.state?.top).toBe('start');
    const texts = await tab.texts();
    expect(texts).toEqual(range('a', 0, texts.length));
    expect(texts.length).toBeGreaterThanOrEqual(6_500);
  });

  it('is found although most messages belong to the stream that is hidden', async () => {
    const tab = new FakeTab();
    for (let n = 0; n < 30_000; n++) tab.container('a').log(5_000 + n, `x${n}`, 0, n % 100 === 0 ? 2 : 1);
    await start(tab, ['a'], { stdout: false });
    expect(await tab.texts()).toHaveLength(10);
    for (let i = 0; i < 30 && tab.state?.top !== 'start'; i++) {
      tab.send({ t: 'older' });
      await tab.pass(200);
    }
    expect(await tab.texts()).toEqual(Array.from({ length: 300 }, (_, i) => `x${i * 100}`));
  });

  it('ends at the chosen range', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 3_000);
    await start(tab, ['a'], { since: '999990100' });
    tab.send({ t: 'older' });
    await tab.pass(200);
    tab.send({ t: 'older' });
    await tab.pass(200);
    expect(tab.state?.top).toBe('limit');
    expect(await tab.texts()).toEqual(range('a', 1000, 3_000));
  });

  it('can be read before an end in the past', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 5_000);
    await start(tab, ['a'], { until: '999990200.000000009', tail: 100 });
    expect(await tab.texts()).toEqual(range('a', 1_909, 2_010));
    expect(tab.state?.bottom).toBe('end');
    for (let i = 0; i < 3; i++) {
      tab.send({ t: 'older' });
      await tab.pass(200);
    }
    expect(await tab.texts()).toEqual(range('a', 0, 2_010));
    expect(tab.state?.top).toBe('start');
  });

  it('can be jumped into, and read on to the live end', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 20_000);
    await start(tab, ['a'], { at: '999990500' });
    expect(tab.state?.bottom).toBe('more');
    let texts = await tab.texts();
    expect(texts[0]).toBe('a4500');
    expect(await tab.ask({ q: 'time', at: '999990500.000000003', ordinal: 0 })).toMatchObject({ line: 503 });
    for (let i = 0; i < 10 && tab.state?.bottom !== 'live'; i++) {
      tab.send({ t: 'newer' });
      await tab.pass(200);
    }
    expect(tab.state?.bottom).toBe('live');
    texts = await tab.texts();
    expect(texts).toEqual(range('a', 4_500, 20_000));
    tab.send({ t: 'older' });
    await tab.pass(200);
    expect((await tab.texts())[0]).toBe('a2500');
  });

  it('makes room for itself at the other end', async () => {
    const tab = new FakeTab();
    const long = 'x'.repeat(1_000);
    write(tab, 'a', 0, 20_000, (n) => `a${n} ${long}`);
    await start(tab, ['a'], {}, 4 << 20);
    tab.send({ t: 'viewport', first: 0, last: 40, following: false });
    for (let i = 0; i < 4; i++) {
      tab.send({ t: 'older' });
      await tab.pass(200);
      tab.send({
        t: 'viewport',
        first: tab.session.rows.first,
        last: tab.session.rows.first + 40,
        following: false,
      });
    }
    expect(tab.session.store.size).toBeLessThan(6 << 20);
    expect(tab.state?.bottom).toBe('more');
    for (let i = 0; i < 20 && tab.state?.bottom !== 'live'; i++) {
      tab.send({
        t: 'viewport',
        first: tab.session.rows.next - 40,
        last: tab.session.rows.next,
        following: false,
      });
      tab.send({ t: 'newer' });
      await tab.pass(300);
    }
    const numbers = (await tab.texts()).map((text) => Number(text.split(' ')[0]?.slice(1)));
    expect(numbers.at(-1)).toBe(19_999);
    expect(numbers).toEqual(Array.from(numbers, (_, i) => (numbers[0] ?? 0) + i));
  });
});

describe('the limit', () => {
  it('drops the oldest lines while following, and they can be loaded again', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 10_000, (n) => `a${n} ${'x'.repeat(1_000)}`);
    await start(tab, ['a'], { tail: 'all' }, 4 << 20);
    expect(tab.session.store.size).toBeLessThanOrEqual(4 << 20);
    expect(tab.state?.dropped).toBeGreaterThan(5_000);
    expect(tab.state?.top).toBe('more');
    const first = Number((await tab.texts())[0]?.slice(1, 5));
    tab.send({
      t: 'viewport',
      first: tab.session.rows.first,
      last: tab.session.rows.first + 40,
      following: false,
    });
    tab.send({ t: 'older' });
    await tab.pass(200);
    expect(Number((await tab.texts())[0]?.slice(1, 5))).toBe(first - 2_000);
  });

  it('stops reading rather than taking away what is being read', async () => {
    const tab = new FakeTab();
    write(tab, 'a', 0, 100, (n) => `a${n} ${'x'.repeat(1_000)}`);
    await start(tab, ['a'], {}, 4 << 20);
    tab.send({ t: 'viewport', first: 0, last: 40, following: false });
    for (let i = 1; i < 20; i++) {
      write(tab, 'a', i * 1000, i * 1000 + 1000, (n) => `a${n} ${'x'.repeat(1_000)}`);
      await tab.pass(100);
    }
    expect(tab.state?.bottom).toBe('more');
    expect(tab.session.store.size).toBeLessThan(7 << 20);
    expect((await tab.texts())[0]).toMatch(/^a0 /);
  });
});

describe('several containers', () => {
  it('are merged by time without an inversion, also when paging back', async () => {
    const tab = new FakeTab();
    for (let n = 0; n < 9_000; n++) tab.container('busy').log(5_000 + n, `busy@${5_000 + n}`);
    for (let n = 0; n < 90; n++) tab.container('quiet').log(5_050 + 100 * n, `quiet@${5_050 + 100 * n}`);
    tab.container('silent');
    await start(tab, ['busy', 'quiet', 'silent']);
    const times = async () => (await tab.texts()).map((text) => Number(text.split('@')[1]));
    expect((await times())[0]).toBe(13_000);
    expect(await times()).toHaveLength(1_010);
    for (let i = 0; i < 12 && tab.state?.top !== 'start'; i++) {
      tab.send({ t: 'older' });
      await tab.pass(200);
    }
    expect(tab.state?.top).toBe('start');
    expect(await times()).toHaveLength(9_090);
    expect(await times()).toEqual([...(await times())].sort((a, b) => a - b));
  });

  it('lose and double nothing when the connection is lost again and again', async () => {
    const tab = new FakeTab();
    let seed = 11;
    let n = 0;
    await start(tab, ['a', 'b', 'c']);
    for (let round = 0; round < 60; round++) {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      for (let i = 0; i < seed % 40; i++, n++)
        tab.container('abc'[(n * 7) % 3] as string).log(6_000 + n, `${n}`, 0, 1 + (n % 2));
      tab.deliver(seed % 9);
      if (seed % 2) {
        tab.disconnect();
        await tab.pass(seed % 400);
        tab.connect();
      }
      await tab.pass(seed % 700);
    }
    await tab.pass(5_000);
    expect(await tab.texts()).toEqual(Array.from({ length: n }, (_, i) => `${i}`));
  });

  it('put a line that comes too late where it belongs', async () => {
    const tab = new FakeTab();
    tab.container('a').log(7_000, 'a7000');
    tab.container('b').log(7_000, 'b7000', 1);
    await start(tab, ['a', 'b']);
    tab.container('a').log(7_010, 'a7010');
    await tab.pass(1_000);
    tab.container('b').log(7_005, 'b7005');
    await tab.pass(1_000);
    expect(await tab.texts()).toEqual(['a7000', 'b7000', 'b7005', 'a7010']);
  });

  it('take in one that joins', async () => {
    const tab = new FakeTab();
    tab.container('a').log(999_999_000, 'a');
    await start(tab, ['a', 'x']);
    tab.container('b').log(999_000_000, 'old');
    tab.container('b').log(1_000_000_000, 'new');
    tab.send({ t: 'join', sources: [{ id: 'b', name: 'b' }] });
    await tab.pass(1_000);
    expect(await tab.texts()).toEqual(['a', 'new']);
    expect(tab.state?.sources).toHaveLength(3);
  });

  it('can be jumped into together', async () => {
    const tab = new FakeTab();
    for (let n = 0; n < 20_000; n++) tab.container(n % 5 ? 'a' : 'b').log(5_000 + n, `@${5_000 + n}`);
    await start(tab, ['a', 'b'], { at: '12000' });
    const times = async () => (await tab.texts()).map((text) => Number(text.slice(1)));
    for (let i = 0; i < 12 && tab.state?.bottom !== 'live'; i++) {
      tab.send({ t: 'newer' });
      await tab.pass(400);
    }
    expect(tab.state?.bottom).toBe('live');
    const all = await times();
    expect(all).toEqual(Array.from(all, (_, i) => (all[0] ?? 0) + i));
    expect(all.at(-1)).toBe(24_999);
    expect(all[0]).toBeLessThan(12_000);
  });
});

describe('filter and query', () => {
  it('find, step through and show only matches, also those that come later', async () => {
    const tab = new FakeTab();
    for (let n = 0; n < 500; n++) tab.container('a').log(5_000 + n, `${n % 50 ? 'INFO' : 'ERROR'} n=${n}`);
    await start(tab, ['a']);
    tab.send({ t: 'query', query: { text: 'n=\\d*50$', regex: true, matchCase: false } });
    await tab.pass(200);
    expect(tab.state?.hits).toEqual({ count: 5, progress: 1, error: '' });
    expect(await tab.ask({ q: 'find', row: 500, forwards: false })).toEqual({
      row: 450,
      line: 450,
      index: 4,
    });
    expect(await tab.ask({ q: 'find', row: 450, forwards: true })).toEqual({ row: 50, line: 50, index: 0 });
    tab.send({ t: 'filter', level: 0, matches: true, context: 0 });
    await tab.pass(200);
    expect(await tab.texts()).toEqual([
      'ERROR n=50',
      'ERROR n=150',
      'ERROR n=250',
      'ERROR n=350',
      'ERROR n=450',
    ]);
    tab.container('a').log(5_500, 'n=550');
    await tab.pass(200);
    expect((await tab.texts()).at(-1)).toBe('n=550');
    tab.send({ t: 'filter', level: 4, matches: false, context: 0 });
    await tab.pass(200);
    expect(await tab.texts()).toHaveLength(10);
    tab.send({ t: 'query', query: null });
    await tab.pass(200);
    expect(tab.state?.hits).toBeNull();
  });

  it('explain a wrong expression', async () => {
    const tab = new FakeTab();
    tab.container('a').log(5_000, 'x');
    await start(tab, ['a']);
    tab.send({ t: 'query', query: { text: '(', regex: true, matchCase: false } });
    await tab.pass(200);
    expect(tab.state?.hits?.error).toBe('Unterminated group');
  });

  it('give the text of rows for copies and downloads', async () => {
    const tab = new FakeTab();
    tab.container('a').log(5_000, '\u001b[31mred\u001b[0m', 7);
    tab.container('a').log(5_001, 'plain');
    await start(tab, ['a']);
    const text = async (times: boolean) =>
      ((await tab.ask({ q: 'text', from: 0, to: 2, times })) as Blob).text();
    expect(await text(false)).toBe('red\nplain\n');
    expect(await text(true)).toBe(
      '1970-01-01T01:23:20.000000007Z red\n1970-01-01T01:23:21.000000000Z plain\n',
    );
  });
});
