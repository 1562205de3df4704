/** Keys of terminals: what the page keeps for itself, and what the on-screen row sends. */

export interface KeyPress {
  readonly key: string;
  readonly ctrl: boolean;
  readonly alt: boolean;
  readonly shift: boolean;
  readonly meta: boolean;
}

export type TerminalCommand = 'copy' | 'paste' | 'search' | 'larger' | 'smaller' | 'normal';

/**
 * The command of a key press, or null when the key belongs to the program in the terminal.
 *
 * Every plain Ctrl key reaches the program. Ctrl-Shift-C, -V and -F are copy, paste and search as in other terminals,
 * on a Mac Cmd does it. Ctrl-C copies only when `selected` (text is marked) on a Mac's Cmd; it is never taken away.
 */
export function commandFor(press: KeyPress, selected: boolean): TerminalCommand | null {
  const key = press.key.toLowerCase();
  const chord = (press.ctrl && press.shift) || press.meta;
  if (press.alt) return null;
  if (chord && key === 'c') return selected ? 'copy' : null;
  if (chord && key === 'v') return 'paste';
  if (chord && key === 'f') return 'search';
  if (!press.ctrl && !press.meta) return null;
  if (key === '+' || key === '=') return 'larger';
  if (key === '-' && !press.shift) return 'smaller';
  if (key === '0' && !press.shift) return 'normal';
  return null;
}

export type ScreenKey =
  | 'Escape'
  | 'Tab'
  | 'ArrowUp'
  | 'ArrowDown'
  | 'ArrowLeft'
  | 'ArrowRight'
  | 'Home'
  | 'End';

const ARROWS: Partial<Record<ScreenKey, string>> = {
  ArrowUp: 'A',
  ArrowDown: 'B',
  ArrowRight: 'C',
  ArrowLeft: 'D',
  End: 'F',
  Home: 'H',
};

/** The bytes of a key on the on-screen row; `application` is the cursor key mode that vim and others switch on. */
export function screenKey(key: ScreenKey, application: boolean, ctrl: boolean): string {
  if (key === 'Escape') return '\x1b';
  if (key === 'Tab') return '\t';
  const letter = ARROWS[key] as string;
  if (ctrl) return `\x1b[1;5${letter}`;
  return application ? `\x1bO${letter}` : `\x1b[${letter}`;
}

/** What `text` becomes when Ctrl is held on the on-screen row: `c` → 0x03. Text without a Ctrl form stays. */
export function withCtrl(text: string): string {
  if (text.length !== 1) return text;
  const code = text.toUpperCase().charCodeAt(0);
  if (text === ' ') return '\0';
  if (text === '?') return '\x7f';
  return code >= 0x40 && code <= 0x5f ? String.fromCharCode(code & 0x1f) : text;
}

/** Addresses that a click may open. Everything else that a program prints as a link stays text. */
export function isSafeLink(uri: string): boolean {
  if (/[\0-\x20\x7f]/.test(uri)) return false;
  try {
    const { protocol } = new URL(uri);
    return protocol === 'http:' || protocol === 'https:';
  } catch {
    return false;
  }
}
