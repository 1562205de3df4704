import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Keymap, type KeyPress } from './keyboard';

let keymap: Keymap;
const press = (key: string, extra: Partial<KeyPress> = {}) =>
  keymap.press({ key, mod: false, alt: false, at: 0, typing: false, ...extra });

beforeEach(() => {
  keymap = new Keymap();
});

describe('Keymap', () => {
  it('runs a plain key, but not while typing', () => {
    const run = vi.fn(() => undefined);
    keymap.add({ keys: 'j', group: 'List', run });
    expect(press('j')).toBe(true);
    expect(press('J')).toBe(true);
    expect(press('j', { typing: true })).toBe(false);
    expect(press('j', { alt: true })).toBe(false);
    expect(run).toHaveBeenCalledTimes(2);
  });

  it('runs a chord even while typing, and never a plain key for it', () => {
    const chord = vi.fn(() => undefined);
    const plain = vi.fn(() => undefined);
    keymap.add({ keys: 'mod+k', group: 'Everywhere', run: chord }, { keys: 'k', group: 'List', run: plain });
    expect(press('k', { mod: true, typing: true })).toBe(true);
    expect(chord).toHaveBeenCalledOnce();
    expect(plain).not.toHaveBeenCalled();
  });

  it('runs a sequence within a second', () => {
    const run = vi.fn(() => undefined);
    keymap.add({ keys: 'g c', group: 'Go to', run });
    press('g', { at: 5000 });
    expect(press('c', { at: 5900 })).toBe(true);
    press('g', { at: 8000 });
    expect(press('c', { at: 9100 })).toBe(false);
    expect(run).toHaveBeenCalledOnce();
  });

  it('lets a later key start anew when the sequence means nothing', () => {
    const run = vi.fn(() => undefined);
    keymap.add({ keys: 'g c', group: 'Go to', run: () => undefined }, { keys: 'x', group: 'List', run });
    press('g', { at: 1 });
    expect(press('x', { at: 2 })).toBe(true);
    expect(run).toHaveBeenCalledOnce();
  });

  it('asks the latest first, goes on when it does not apply, and forgets what was removed', () => {
    const order: string[] = [];
    keymap.add({ keys: 'x', group: '', run: () => void order.push('old') });
    const remove = keymap.add({
      keys: 'x',
      group: '',
      run: () => {
        order.push('new');
        return false;
      },
    });
    press('x');
    remove();
    press('x');
    expect(order).toEqual(['new', 'old', 'old']);
  });
});
