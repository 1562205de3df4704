/** What stands where no line is: why there is none, and what to do. */
import type { ViewState } from '../../core/logprotocol';
import type { LogSettings } from '../../core/logsettings';
import { el, icon } from '../../dom/elements';

export interface Emptiness {
  readonly icon: string;
  readonly title: string;
  readonly text: string;
  /** A button: its label, and the settings that it brings back to normal. */
  readonly reset?: readonly [label: string, settings: Partial<LogSettings>];
}

const WHOLE: Partial<LogSettings> = { last: '', since: '', until: '', line: '' };

/** Null while there are lines, or while it is too early to say. */
export function emptiness(state: ViewState, settings: LogSettings): Emptiness | null {
  if (state.next > state.first) return null;
  const failed = state.sources.find((source) => source.phase === 'failed');
  if (failed && state.sources.length === 1) return failure(failed.status, failed.message);
  if (state.sources.some((source) => source.phase === 'opening' || source.phase === 'lost')) return null;
  if (state.lines > 0) return filtered(settings);
  if (state.sources.every((source) => source.state === 'created')) {
    return { icon: 'play', title: 'This container was never started', text: 'Its log begins when it does.' };
  }
  if (settings.last || settings.since || settings.until) {
    const text = 'The container may have written earlier or later.';
    return { icon: 'clock', title: 'No lines in this range', text, reset: ['Show any time', WHOLE] };
  }
  const running = state.sources.some((source) => source.phase === 'live');
  const text = running ? 'Lines appear here as they are written.' : 'It stopped without writing anything.';
  return { icon: 'scroll-text', title: 'Nothing has been written yet', text };
}

function filtered(settings: LogSettings): Emptiness {
  const normal: Partial<LogSettings> = { level: 0, onlyMatches: false };
  if (settings.onlyMatches && settings.query) {
    const text = `No loaded line matches “${settings.query}”. Older ones are found by searching the whole log.`;
    return { icon: 'search', title: 'No match', text, reset: ['Show all lines', normal] };
  }
  const text = 'No loaded line has this level.';
  return { icon: 'list-filter', title: 'Nothing at this level', text, reset: ['Show all levels', normal] };
}

function failure(status: number, message: string): Emptiness {
  if (status === 501) {
    const text = `${message} Use a log driver that can be read (json-file, local or journald), or look where this one sends its lines.`;
    return { icon: 'triangle-alert', title: 'This log cannot be read through the Engine', text };
  }
  if (status === 404) return { icon: 'trash-2', title: 'The container is not there', text: message };
  if (status === 403) return { icon: 'lock', title: 'You may not read this log', text: message };
  return { icon: 'octagon-alert', title: 'The log could not be opened', text: message };
}

export function showEmptiness(
  place: HTMLElement,
  empty: Emptiness | null,
  reset: (change: Partial<LogSettings>) => void,
): void {
  place.hidden = empty === null;
  if (empty === null) {
    place.replaceChildren();
    return;
  }
  if (place.dataset.title === empty.title + empty.text && place.childElementCount > 0) return;
  place.dataset.title = empty.title + empty.text;
  const parts = [icon(empty.icon), el('b', {}, empty.title), el('p', {}, empty.text)];
  if (empty.reset) {
    const [label, change] = empty.reset;
    const button = el('button', { type: 'button', class: 'btn' }, label);
    button.addEventListener('click', () => reset(change));
    place.replaceChildren(...parts, button);
  } else place.replaceChildren(...parts);
}
