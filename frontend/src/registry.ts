/** What every widget is given, and where each lives: `<div data-widget="log-view">` loads `widgets/log-view.ts`. */
import type { Disposable } from './core/disposable';
import type { Socket } from './core/socket';

export type ToastKind = 'ok' | 'bad' | 'warn' | 'info';
export type Theme = 'light' | 'dark';

export interface ThemeSource {
  /** What is on screen now, the system's preference included. */
  readonly current: Theme;
  onChange(callback: (theme: Theme) => void): Disposable;
}

export interface Ctx {
  readonly socket: Socket;
  toast(kind: ToastKind, title: string, text?: string): void;
  readonly theme: ThemeSource;
}

export interface WidgetModule {
  mount(element: HTMLElement, ctx: Ctx): Disposable;
}

/** Loaded on demand, so that a page pays only for the widgets it shows. */
export const widgets: Readonly<Record<string, () => Promise<WidgetModule>>> = {};
