import { describe, expect, it } from 'vitest';
import { Layout } from './terminal-layout';

const pane = (name: string) => ({ name });
const names = (layout: Layout<{ name: string }>) =>
  layout.tabs.map((tab) => tab.map((p) => p.name).join('+'));

describe('Layout', () => {
  it('adds tabs and splits the one in front', () => {
    const layout = new Layout<{ name: string }>();
    const [a, b, c] = [pane('a'), pane('b'), pane('c')];
    layout.add(a);
    layout.add(b);
    layout.focus(a);
    layout.split(c);
    expect(names(layout)).toEqual(['a+c', 'b']);
    expect(layout.focused).toBe(c);
    expect(layout.visible).toEqual([a, c]);
  });

  it('has at most four panes in a tab', () => {
    const layout = new Layout<{ name: string }>();
    for (const name of 'abcde') layout.split(pane(name));
    expect(names(layout)).toEqual(['a+b+c+d', 'e']);
    expect(layout.canSplit).toBe(true);
  });

  it('gives the focus to the neighbour', () => {
    const layout = new Layout<{ name: string }>();
    const [a, b, c] = [pane('a'), pane('b'), pane('c')];
    layout.add(a);
    layout.split(b);
    layout.add(c);
    layout.focus(b);
    layout.remove(b);
    expect(layout.focused).toBe(a);
    layout.remove(a);
    expect(layout.focused).toBe(c);
    layout.remove(c);
    expect(layout.focused).toBeNull();
    expect(layout.visible).toEqual([]);
    expect(layout.canSplit).toBe(false);
  });

  it('keeps the focus when another pane goes', () => {
    const layout = new Layout<{ name: string }>();
    const [a, b] = [pane('a'), pane('b')];
    layout.add(a);
    layout.add(b);
    layout.remove(a);
    expect(layout.focused).toBe(b);
    layout.remove(pane('unknown'));
    expect(names(layout)).toEqual(['b']);
  });

  it('turns round the end', () => {
    const layout = new Layout<{ name: string }>();
    const [a, b] = [pane('a'), pane('b')];
    layout.turn(1);
    layout.add(a);
    layout.add(b);
    layout.turn(1);
    expect(layout.focused).toBe(a);
    layout.turn(-1);
    expect(layout.focused).toBe(b);
  });
});
