import type { Shortcut } from '../../core/keyboard';
import type { LogView } from './view';

const GROUP = 'Log';

/** The keys of a log view; they appear in the help. */
export function logShortcuts(view: LogView): Shortcut[] {
  const key = (keys: string, does: string, run: () => void): Shortcut => ({
    keys,
    does,
    group: GROUP,
    run: () => {
      run();
      return undefined;
    },
  });
  return [
    key('/', 'Find', () => view.focusFind()),
    key('n', 'Next match', () => void view.step(1)),
    key('p', 'Previous match', () => void view.step(-1)),
    key('j', 'Pick the next line', () => view.lines.move(1)),
    key('k', 'Pick the previous line', () => view.lines.move(-1)),
    key('y', 'Copy the picked lines', () => void view.lines.copyPicked()),
    key('f', 'Follow', () => view.latest()),
    key('w', 'Wrap lines', () => view.change({ wrap: !view.settings.wrap })),
    { keys: 'Escape', group: GROUP, run: () => (view.lines.letGo() ? undefined : false) },
  ];
}
