import { describe, expect, it, vi } from 'vitest';
import { Disposables } from './disposable';
import { WidgetKeeper } from './mounting';

type Fake = { readonly name: string };

function setUp() {
  const mounted: string[] = [];
  const failed = vi.fn<(name: string, error: unknown) => void>();
  const keeper = new WidgetKeeper<Fake>((name) => {
    if (name === 'unknown') return null;
    if (name === 'broken') return Promise.reject(new Error('network'));
    return Promise.resolve((element: Fake) => {
      mounted.push(element.name);
      return { dispose: () => void mounted.splice(mounted.indexOf(element.name), 1) };
    });
  }, failed);
  return { keeper, mounted, failed };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

describe('WidgetKeeper', () => {
  it('mounts what is there and lets go of what left', async () => {
    const { keeper, mounted } = setUp();
    const [a, b] = [{ name: 'a' }, { name: 'b' }];
    keeper.reconcile(
      new Map([
        [a, 'x'],
        [b, 'x'],
      ]),
    );
    await settle();
    expect(mounted).toEqual(['a', 'b']);
    keeper.reconcile(new Map([[b, 'x']]));
    expect(mounted).toEqual(['b']);
    keeper.reconcile(new Map([[b, 'x']]));
    await settle();
    expect(mounted).toEqual(['b']);
  });

  it('mounts anew when an element asks for another widget', async () => {
    const { keeper, mounted } = setUp();
    const a = { name: 'a' };
    keeper.reconcile(new Map([[a, 'x']]));
    await settle();
    keeper.reconcile(new Map([[a, 'y']]));
    await settle();
    expect(mounted).toEqual(['a']);
  });

  it('does not mount into an element that left while the code was loading', async () => {
    const { keeper, mounted } = setUp();
    keeper.reconcile(new Map([[{ name: 'a' }, 'x']]));
    keeper.reconcile(new Map());
    await settle();
    expect(mounted).toEqual([]);
  });

  it('reports what is unknown or cannot be loaded, once', async () => {
    const { keeper, failed } = setUp();
    const page = new Map([
      [{ name: 'a' }, 'unknown'],
      [{ name: 'b' }, 'broken'],
    ]);
    keeper.reconcile(page);
    await settle();
    keeper.reconcile(page);
    await settle();
    expect(failed.mock.calls.map(([name]) => name)).toEqual(['unknown', 'broken']);
  });
});

describe('Disposables', () => {
  it('release in reverse order, once, and at once when it is too late', () => {
    const order: number[] = [];
    const all = new Disposables();
    all.add(() => order.push(1));
    all.add({ dispose: () => void order.push(2) });
    all.dispose();
    all.dispose();
    all.add(() => order.push(3));
    expect(order).toEqual([2, 1, 3]);
  });
});
