/** The terminal is dark in both themes of the page, as terminals are. */
import type { ITheme } from '@xterm/xterm';

export const FONT = '"JetBrains Mono", ui-monospace, "SF Mono", Menlo, Consolas, monospace';

export const THEME: ITheme = {
  background: '#10131a',
  foreground: '#dfe3ea',
  cursor: '#8ab4ff',
  cursorAccent: '#10131a',
  selectionBackground: '#3b5b9a99',
  selectionInactiveBackground: '#3b4a6a80',
  black: '#3a4050',
  red: '#ff7b7b',
  green: '#7fe3a1',
  yellow: '#f5cf7c',
  blue: '#8ab4ff',
  magenta: '#c9a6ff',
  cyan: '#7fdde6',
  white: '#dfe3ea',
  brightBlack: '#7d8699',
  brightRed: '#ff9d9d',
  brightGreen: '#a3f0bd',
  brightYellow: '#ffe0a0',
  brightBlue: '#adcbff',
  brightMagenta: '#dcc5ff',
  brightCyan: '#a9ecf2',
  brightWhite: '#ffffff',
};

/** Colours of found text; xterm wants hexadecimal. */
export const FOUND = {
  matchBackground: '#5c5326',
  matchOverviewRuler: '#f5cf7c',
  activeMatchBackground: '#b5651d',
  activeMatchColorOverviewRuler: '#ff9d4d',
};
