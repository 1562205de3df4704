import { describe, expect, it } from 'vitest';
import { commandFor, isSafeLink, type KeyPress, screenKey, withCtrl } from './terminal-keys';

function press(text: string): KeyPress {
  const parts = text.split('-');
  const key = text.endsWith('--') ? '-' : (parts.at(-1) as string);
  const has = (name: string) => parts.includes(name);
  return { key, ctrl: has('Ctrl'), alt: has('Alt'), shift: has('Shift'), meta: has('Cmd') };
}

describe('commandFor', () => {
  it.each(['Ctrl-c', 'Ctrl-v', 'Ctrl-f', 'Ctrl-w', 'Ctrl-p', 'Ctrl-k', 'a', '/', '-', 'Ctrl-Alt-c', 'Alt-f'])(
    'leaves %s to the program, with and without a selection',
    (text) => {
      expect(commandFor(press(text), false)).toBeNull();
      expect(commandFor(press(text), true)).toBeNull();
    },
  );

  it.each([
    ['Ctrl-Shift-C', 'copy'],
    ['Cmd-c', 'copy'],
    ['Ctrl-Shift-V', 'paste'],
    ['Ctrl-Shift-F', 'search'],
    ['Cmd-f', 'search'],
    ['Ctrl-=', 'larger'],
    ['Ctrl-Shift-+', 'larger'],
    ['Ctrl--', 'smaller'],
    ['Ctrl-0', 'normal'],
  ])('%s is %s', (text, command) => {
    expect(commandFor(press(text), true)).toBe(command);
  });

  it('copies nothing when nothing is selected', () => {
    expect(commandFor(press('Ctrl-Shift-C'), false)).toBeNull();
  });

  it('leaves Ctrl-Shift-- (undo of editors) to the program', () => {
    expect(commandFor({ key: '-', ctrl: true, shift: true, alt: false, meta: false }, false)).toBeNull();
  });
});

it('sends arrows as the cursor key mode wants them', () => {
  expect(screenKey('ArrowUp', false, false)).toBe('\x1b[A');
  expect(screenKey('ArrowUp', true, false)).toBe('\x1bOA');
  expect(screenKey('ArrowLeft', true, true)).toBe('\x1b[1;5D');
  expect(screenKey('Escape', true, true)).toBe('\x1b');
  expect(screenKey('Tab', false, false)).toBe('\t');
});

it('turns the next letter into its Ctrl form', () => {
  expect(withCtrl('c')).toBe('\x03');
  expect(withCtrl('D')).toBe('\x04');
  expect(withCtrl('[')).toBe('\x1b');
  expect(withCtrl(' ')).toBe('\0');
  expect(withCtrl('1')).toBe('1');
  expect(withCtrl('é')).toBe('é');
  expect(withCtrl('pasted')).toBe('pasted');
});

describe('isSafeLink', () => {
  it.each(['http://a', 'https://example.org/x?y#z', 'HTTPS://EXAMPLE.ORG'])('%s opens', (uri) => {
    expect(isSafeLink(uri)).toBe(true);
  });
  it.each([
    'javascript:alert(1)',
    ' javascript:alert(1)',
    'java\nscript:alert(1)',
    'http://a\nb',
    'data:text/html,x',
    'file:///etc/passwd',
    'vbscript:x',
    'mailto:a@b',
    '//a/b',
    '',
    'blob:https://a/b',
  ])('%j stays text', (uri) => {
    expect(isSafeLink(uri)).toBe(false);
  });
});
