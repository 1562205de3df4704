/** What every widget is given, and where each lives: `<div data-widget="log-view">` loads `widgets/log-view.ts`. */
import type { Disposable } from './core/disposable';
import type { Shortcut } from './core/keyboard';
import type { Socket } from './core/socket';

export type ToastKind = 'ok' | 'bad' | 'warn' | 'info';
export type Theme = 'light' | 'dark';

export interface ThemeSource {
  /** What is on screen now, the system's preference included. */
  readonly current: Theme;
  onChange(callback: (theme: Theme) => void): Disposable;
}

/** A question before something that cannot be taken back. */
export interface Question {
  /** What will happen, as a question: "Remove 3 containers?" */
  readonly title: string;
  readonly text?: string;
  /** Names of everything it will destroy or stop; shown as a list. */
  readonly names?: readonly string[];
  /** The verb on the button: "Remove". */
  readonly action: string;
  readonly danger?: boolean;
  /** Ticks that change how it is done. */
  readonly choices?: ReadonlyArray<{
    readonly name: string;
    readonly label: string;
    readonly checked?: boolean;
  }>;
}

export interface Ctx {
  readonly socket: Socket;
  readonly theme: ThemeSource;
  toast(kind: ToastKind, title: string, text?: string): void;
  /** Resolves to the names of the ticked choices, or null when the person thought better of it. */
  confirm(question: Question): Promise<ReadonlySet<string> | null>;
  /** Says at the top of the page that what is shown is not up to date, and why; null takes it back. */
  notice(key: string, text: string | null): void;
  /** Adds keyboard shortcuts; they appear in the help. */
  shortcuts(...shortcuts: Shortcut[]): Disposable;
}

export interface WidgetModule {
  mount(element: HTMLElement, ctx: Ctx): Disposable;
}

/** Loaded on demand, so that a page pays only for the widgets it shows. */
export const widgets: Readonly<Record<string, () => Promise<WidgetModule>>> = {
  'clean-up': () => import('./widgets/clean-up'),
  'code-editor': () => import('./widgets/code-editor'),
  'container-page': () => import('./widgets/container-page'),
  'container-table': () => import('./widgets/container-table'),
  'engine-wait': () => import('./widgets/engine-wait'),
  'container-totals': () => import('./widgets/container-totals'),
  'file-browser': () => import('./widgets/file-browser'),
  'file-editor': () => import('./widgets/file-editor'),
  'image-list': () => import('./widgets/image-list'),
  'job-list': () => import('./widgets/job-list'),
  'job-page': () => import('./widgets/job-page'),
  'event-list': () => import('./widgets/event-list'),
  'live-part': () => import('./widgets/live-part'),
  'json-view': () => import('./widgets/json-view'),
  'live-region': () => import('./widgets/live-region'),
  'log-view': () => import('./widgets/log-view'),
  'row-filter': () => import('./widgets/row-filter'),
  side: () => import('./widgets/side'),
  'stats-charts': () => import('./widgets/stats-charts'),
  'upload-form': () => import('./widgets/upload-form'),
  'volume-opener': () => import('./widgets/volume-opener'),
  terminal: () => import('./widgets/terminal'),
};
