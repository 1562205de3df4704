import { describe, expect, it } from 'vitest';
import { JsonTree } from './json-tree';

const document = {
  Id: 'abc',
  State: { Running: true, Health: { Log: [{ Output: 'all fine' }, { Output: 'timeout' }] } },
  Config: { Labels: { 'com.example.a': 'x' }, Env: [] },
  Pid: 0,
  Error: null,
};

function keys(tree: JsonTree): string[] {
  return tree.visible().map((index) => tree.nodes[index]?.key ?? '?');
}

describe('JsonTree', () => {
  it('opens a small document completely', () => {
    expect(keys(new JsonTree(document))).toEqual([
      ...['Id', 'State', 'Running', 'Health', 'Log', '0', 'Output', '1', 'Output'],
      ...['Config', 'Labels', 'com.example.a', 'Env', 'Pid', 'Error'],
    ]);
  });

  it('opens a large one only as deep as a screen', () => {
    const large = Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`k${n}`, { a: 1, b: 2 }]));
    expect(new JsonTree(large).visible()).toHaveLength(40);
  });

  it('hides what is inside a closed node', () => {
    const tree = new JsonTree(document);
    tree.setOpen(2, false);
    expect(keys(tree)).toEqual(['Id', 'State', 'Config', 'Labels', 'com.example.a', 'Env', 'Pid', 'Error']);
    tree.setAllOpen(false);
    expect(keys(tree)).toEqual(['Id', 'State', 'Config', 'Pid', 'Error']);
  });

  it('finds keys and values and opens the way to them', () => {
    const tree = new JsonTree(document);
    tree.setAllOpen(false);
    const [hit] = tree.search('TIMEOUT');
    expect(tree.path(hit ?? -1)).toBe('.State.Health.Log[1].Output');
    tree.reveal(hit ?? -1);
    expect(tree.visible()).toContain(hit);
    expect(tree.search('labels')).toHaveLength(1);
    expect(tree.search('')).toEqual([]);
  });

  it('spells paths as jq does', () => {
    const tree = new JsonTree(document);
    expect(tree.path(tree.search('com.example')[0] ?? -1)).toBe('.Config.Labels["com.example.a"]');
    expect(new JsonTree([[1]]).path(2)).toBe('.[0][0]');
  });

  it('copies strings bare and anything else as JSON', () => {
    const tree = new JsonTree(document);
    expect(tree.text(1)).toBe('abc');
    expect(tree.text(tree.search('Labels')[0] ?? -1)).toBe('{\n  "com.example.a": "x"\n}');
  });

  it('shows a mere value', () => {
    expect(new JsonTree('x').visible()).toEqual([0]);
  });

  it('takes a document of a megabyte', () => {
    const large = Array.from({ length: 20_000 }, (_, n) => ({
      id: n,
      name: `container ${n}`,
      on: n % 2 === 0,
    }));
    const tree = new JsonTree(large);
    tree.setAllOpen(true);
    expect(tree.visible()).toHaveLength(80_000);
    expect(tree.search('container 19999')).toHaveLength(1);
  });
});
