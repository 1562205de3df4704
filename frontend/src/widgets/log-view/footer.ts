/** The line below a log: whether it follows, how much there is, how fast it comes. */
import { bytes, count } from '../../core/format';
import type { SourceState, ViewState } from '../../core/logprotocol';
import type { LogSettings } from '../../core/logsettings';

type Tone = 'ok' | 'warn' | 'bad' | 'off';

export class Footer {
  #followed = 0;

  constructor(readonly root: HTMLElement) {}

  show(state: ViewState, settings: LogSettings, following: boolean): void {
    const [tone, text] = liveText(state, following);
    const live = this.#part('live');
    live.className = `live ${tone}`;
    (live.lastElementChild as HTMLElement).textContent = text;
    this.#text('lines', `${count(state.lines, 'line').replace(/^\d+/, (n) => Number(n).toLocaleString())}`);
    this.#text('bytes', bytes(state.bytes));
    this.#text(
      'streams',
      [settings.stdout && 'stdout', settings.stderr && 'stderr'].filter(Boolean).join(' + '),
    );
    this.#text('gaps', state.gaps > 0 ? count(state.gaps, 'gap') : '');
    this.#text('rate', state.rate >= 0.5 ? `${Math.round(state.rate).toLocaleString()} lines/s` : '');
    this.#latest(state, following);
  }

  /** How many lines are selected. */
  picked(n: number, copy: () => void): void {
    const place = this.#part('picked');
    place.hidden = n === 0;
    if (n === 0) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'btn sm';
    button.textContent = 'Copy';
    button.addEventListener('click', copy);
    place.replaceChildren(count(n, 'line'), ' selected ', button);
  }

  #latest(state: ViewState, following: boolean): void {
    if (following) this.#followed = state.next;
    const fresh = following ? 0 : Math.max(0, state.next - this.#followed);
    const button = this.#part('latest');
    button.classList.toggle('new', fresh > 0);
    const label = fresh > 0 ? `Jump to latest · ${fresh.toLocaleString()} new` : 'Jump to latest';
    (button.lastElementChild as HTMLElement).textContent = label;
  }

  #text(name: string, text: string): void {
    const part = this.#part(name);
    if (part.textContent !== text) part.textContent = text;
  }

  #part(name: string): HTMLElement {
    return this.root.querySelector<HTMLElement>(`[data-${name}]`) as HTMLElement;
  }
}

function liveText(state: ViewState, following: boolean): [Tone, string] {
  const some = (phase: SourceState['phase']) => state.sources.some((source) => source.phase === phase);
  const all = (phase: SourceState['phase']) => state.sources.every((source) => source.phase === phase);
  const lost = state.sources.find((source) => source.phase === 'lost');
  if (lost) return ['warn', lost.message ? `Reconnecting: ${lost.message}` : 'Reconnecting'];
  if (all('failed')) return ['bad', state.sources[0]?.state === 'removed' ? 'Removed' : 'Not readable'];
  if (state.bottom === 'more') return ['off', 'Reading the past'];
  if (state.bottom === 'loading') return ['off', 'Loading'];
  if (all('complete')) return ['off', 'Complete'];
  if (!some('live')) return ['off', state.sources.length > 1 ? 'All stopped' : 'Stopped'];
  return following ? ['ok', 'Following'] : ['warn', 'Paused'];
}
