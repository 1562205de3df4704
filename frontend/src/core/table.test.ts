import { describe, expect, it } from 'vitest';
import {
  arrange,
  badge,
  DEFAULT_VIEW,
  type Figures,
  type RowFacts,
  rollUp,
  sortBy,
  type View,
  viewFromQuery,
  viewToQuery,
} from './table';

function row(name: string, extra: Partial<RowFacts> = {}): RowFacts {
  const project = extra.project ?? '';
  return {
    id: `id-${name}`,
    name,
    image: 'busybox:1',
    project,
    state: 'running',
    health: '',
    created: 0,
    search: `${name} busybox:1 ${project}`,
    ...extra,
  };
}

function figures(entries: Record<string, Partial<Figures>>): Map<string, Figures> {
  return new Map(
    Object.entries(entries).map(([name, value]) => [
      `id-${name}`,
      { cpu: null, memory: null, network: null, ...value },
    ]),
  );
}

function names(rows: RowFacts[], view: Partial<View>, live = figures({})): string[][] {
  const { groups, shown } = arrange(rows, live, { ...DEFAULT_VIEW, ...view });
  return groups
    .map((group) => [group.name, ...group.ids.filter((id) => shown.has(id)).map((id) => id.slice(3))])
    .filter((group) => group.length > 1);
}

describe('arrange', () => {
  it('groups by project, loose containers last, numbers in names by value', () => {
    const rows = [
      row('loose'),
      row('web-10', { project: 'shop' }),
      row('web-2', { project: 'shop' }),
      row('db', { project: 'Blog' }),
    ];
    expect(names(rows, {})).toEqual([
      ['Blog', 'db'],
      ['shop', 'web-2', 'web-10'],
      ['', 'loose'],
    ]);
  });

  it('is one flat list on request', () => {
    expect(names([row('b', { project: 'x' }), row('a', { project: 'y' })], { grouped: false })).toEqual([
      ['', 'a', 'b'],
    ]);
  });

  it('finds every word of the filter anywhere, in any case', () => {
    const rows = [row('shop-web', { project: 'shop' }), row('shop-db', { project: 'shop' }), row('web')];
    expect(names(rows, { q: '  WEB shop ' })).toEqual([['shop', 'shop-web']]);
  });

  it('counts the state segments among what the free text lets through', () => {
    const rows = [
      row('a'),
      row('b', { health: 'unhealthy' }),
      row('c', { state: 'exited' }),
      row('d', { health: 'starting' }),
    ];
    expect(arrange(rows, figures({}), { ...DEFAULT_VIEW, state: 'stopped' })).toMatchObject({
      counts: { all: 4, running: 2, unhealthy: 1, stopped: 1 },
    });
    expect(arrange(rows, figures({}), { ...DEFAULT_VIEW, q: 'c bus' }).counts).toMatchObject({
      all: 1,
      running: 0,
      stopped: 1,
    });
  });

  it('sorts by figures with unknown ones at the small end, and orders groups by their best row', () => {
    const rows = [row('a', { project: 'p' }), row('b', { project: 'q' }), row('c', { project: 'p' })];
    const live = figures({ a: { cpu: 5 }, b: { cpu: 80 } });
    expect(names(rows, { sort: 'cpu', descending: true }, live)).toEqual([
      ['q', 'b'],
      ['p', 'a', 'c'],
    ]);
  });

  it('puts trouble first when sorting by state', () => {
    const rows = [
      row('a'),
      row('b', { state: 'exited' }),
      row('c', { health: 'unhealthy' }),
      row('d', { state: 'restarting' }),
    ];
    expect(names(rows, { sort: 'state', grouped: false })).toEqual([['', 'c', 'd', 'a', 'b']]);
  });
});

describe('roll-up', () => {
  const members = [row('a'), row('b'), row('c', { state: 'exited' })];

  it('sums the members that run', () => {
    const live = figures({ a: { cpu: 1.5, memory: 10 }, b: { cpu: 2, memory: 5 }, c: { cpu: 99 } });
    expect(rollUp(members, live)).toEqual({ running: 2, total: 3, cpu: 3.5, memory: 15 });
  });

  it('claims no sum while a part of it is unknown, or nothing runs', () => {
    expect(rollUp(members, figures({ a: { cpu: 1.5, memory: 10 }, b: { cpu: 2 } }))).toMatchObject({
      cpu: 3.5,
      memory: null,
    });
    expect(rollUp(members.slice(2), figures({}))).toEqual({ running: 0, total: 1, cpu: null, memory: null });
  });
});

describe('a row’s badge', () => {
  it('is the health where that says more than running', () => {
    expect(badge(row('a', { health: 'healthy' }))).toBe('running');
    expect(badge(row('a', { health: 'unhealthy' }))).toBe('unhealthy');
    expect(badge(row('a', { state: 'exited', health: 'unhealthy' }))).toBe('exited');
  });
});

describe('the view in the URL', () => {
  it('comes back as it went, beside the Engine’s filters', () => {
    const view: View = { q: 'web', state: 'stopped', sort: 'cpu', descending: true, grouped: false };
    const params = new URLSearchParams('label=a&label=b');
    viewToQuery(view, params);
    expect(params.toString()).toBe('label=a&label=b&q=web&view=stopped&sort=-cpu&group=0');
    expect(viewFromQuery(params)).toEqual(view);
  });

  it('leaves defaults out and ignores nonsense', () => {
    const params = new URLSearchParams('q=x&view=odd&sort=-odd');
    viewToQuery(DEFAULT_VIEW, params);
    expect(params.toString()).toBe('');
    expect(viewFromQuery(new URLSearchParams('view=odd&sort=-odd'))).toEqual(DEFAULT_VIEW);
  });

  it('turns the order on the second click; figures begin with the largest', () => {
    const first = sortBy(DEFAULT_VIEW, 'cpu');
    expect(first).toMatchObject({ sort: 'cpu', descending: true });
    expect(sortBy(first, 'cpu').descending).toBe(false);
    expect(sortBy(first, 'image').descending).toBe(false);
  });
});
