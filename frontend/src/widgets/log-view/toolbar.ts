/** The tools above a log: they show the settings and say what the reader wants changed. Markup: templates/logs/. */
import { type Disposable, Disposables } from '../../core/disposable';
import type { HitState } from '../../core/logprotocol';
import { type LogSettings, MOST_CONTEXT, rangeLabel, spanMillis, type Times } from '../../core/logsettings';
import { fromMillis, instantText, parseInstant, toMillis } from '../../core/logtime';
import { hit, listen } from '../../dom/listen';

export interface ToolbarEvents {
  change(settings: Partial<LogSettings>): void;
  /** To the next (1) or previous (-1) match. */
  step(direction: 1 | -1): void;
  jump(ms: number): void;
  searchHistory(): void;
  /** Saves what is shown as a file. */
  save(times: boolean): void;
}

const QUERY_DELAY_MS = 150;
const TOGGLES = ['matchCase', 'regex', 'onlyMatches', 'wrap'] as const;
const OPTIONS = ['stdout', 'stderr', 'details', 'wrap', 'expand'] as const;

export class Toolbar implements Disposable {
  readonly #release = new Disposables();
  readonly #find: HTMLInputElement;
  #typing: number | undefined;
  #settings: LogSettings;

  constructor(
    readonly root: HTMLElement,
    settings: LogSettings,
    readonly events: ToolbarEvents,
  ) {
    this.#settings = settings;
    this.#find = this.#one<HTMLInputElement>('[data-find]');
    this.#find.value = settings.query;
    this.#on(root, 'click', (event) => this.#clicked(event));
    this.#on(root, 'change', (event) => this.#changed(event));
    this.#on(root, 'submit', (event) => this.#submitted(event as SubmitEvent));
    this.#on(this.#find, 'input', () => this.#typed());
    this.#on(this.#find, 'keydown', (event) => this.#key(event));
    this.show(settings);
  }

  show(settings: LogSettings): void {
    this.#settings = settings;
    for (const name of TOGGLES) this.#press(name, settings[name]);
    for (const name of OPTIONS) this.#one<HTMLInputElement>(`[data-option=${name}]`).checked = settings[name];
    this.#radio('level', String(settings.level));
    this.#radio('last', settings.last);
    this.#radio('times', settings.times);
    this.#one<HTMLSelectElement>('[data-tail]').value = String(settings.tail);
    this.#one<HTMLInputElement>('[data-context]').value = String(settings.context);
    this.#one('[data-range-label]').textContent = rangeLabel(settings, shortTime);
    this.#date('since', settings.since);
    this.#date('until', settings.until);
    this.#links(settings);
    this.#one('[data-history]').hidden = settings.query === '';
  }

  /** How many lines match, and which of them the reader stands on. */
  showHits(hits: HitState | null, index: number | null): void {
    const place = this.#one('[data-hits]');
    place.classList.toggle('bad', hits !== null && hits.error !== '');
    place.title = hits?.error ?? '';
    place.textContent = hits === null ? '' : hitText(hits, index);
  }

  focusFind(): void {
    this.#find.focus();
    this.#find.select();
  }

  dispose(): void {
    clearTimeout(this.#typing);
    this.#release.dispose();
  }

  #typed(): void {
    clearTimeout(this.#typing);
    this.#typing = window.setTimeout(() => this.events.change({ query: this.#find.value }), QUERY_DELAY_MS);
  }

  #key(event: KeyboardEvent): void {
    if (event.key === 'Escape' && this.#find.value !== '') {
      event.preventDefault();
      this.#find.value = '';
      this.#typed();
    } else if (event.key === 'Escape') this.#find.blur();
    else if (event.key === 'Enter') {
      event.preventDefault();
      if (this.#find.value !== this.#settings.query) {
        clearTimeout(this.#typing);
        this.events.change({ query: this.#find.value });
      } else this.events.step(event.shiftKey ? -1 : 1);
    }
  }

  #clicked(event: MouseEvent): void {
    const toggle = hit(event, '[data-toggle]')?.dataset.toggle as (typeof TOGGLES)[number] | undefined;
    const step = hit(event, '[data-step]')?.dataset.step;
    if (toggle) this.events.change({ [toggle]: !this.#settings[toggle] });
    else if (step) this.events.step(step === '1' ? 1 : -1);
    else if (hit(event, '[data-history]')) this.events.searchHistory();
    else if (hit(event, '[data-save]')) this.events.save(this.#withTimes());
    if (hit(event, '[data-save], [data-download]')) hit(event, '[popover]')?.hidePopover();
  }

  #changed(event: Event): void {
    const field = event.target as HTMLInputElement;
    const option = field.dataset.option as (typeof OPTIONS)[number] | undefined;
    if (option) this.#setOption(option, field.checked);
    else if (field.name === 'level') this.events.change({ level: Number(field.value) });
    else if (field.name === 'last') this.events.change({ last: field.value, since: '', until: '', line: '' });
    else if (field.name === 'times') this.events.change({ times: field.value as Times });
    else if (field.matches('[data-tail]'))
      this.events.change({ tail: field.value === 'all' ? 'all' : Number(field.value), line: '' });
    else if (field.matches('[data-context]')) {
      const context = Math.min(MOST_CONTEXT, Math.max(0, Math.trunc(Number(field.value)) || 0));
      this.events.change({ context, ...(context > 0 && { onlyMatches: true }) });
    } else if (field.matches('[data-with-times]')) this.#links(this.#settings);
  }

  /** The last of the two streams cannot be switched off: the other one takes its place. */
  #setOption(option: (typeof OPTIONS)[number], on: boolean): void {
    const other = option === 'stdout' ? 'stderr' : option === 'stderr' ? 'stdout' : null;
    const change = { [option]: on };
    if (other && !on && !this.#settings[other]) change[other] = true;
    this.events.change(change);
  }

  #submitted(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    event.preventDefault();
    form.closest<HTMLElement>('[popover]')?.hidePopover();
    if (form.matches('[data-jump]')) {
      const at = millis(form, 'at');
      if (at !== null) this.events.jump(at);
      return;
    }
    const [since, until] = [millis(form, 'since'), millis(form, 'until')];
    this.events.change({ last: '', since: instant(since), until: instant(until), line: '' });
  }

  #press(name: string, on: boolean): void {
    this.#one(`[data-toggle=${name}]`).setAttribute('aria-pressed', String(on));
  }

  #radio(name: string, value: string): void {
    for (const radio of this.root.querySelectorAll<HTMLInputElement>(`input[type=radio][name=${name}]`)) {
      radio.checked = radio.value === value;
    }
  }

  #date(name: string, value: string): void {
    const time = parseInstant(value);
    const field = this.#one<HTMLInputElement>(`[data-range] [name=${name}]`);
    field.value = time ? localText(toMillis(time)) : '';
  }

  /** Downloads of the range and of everything: the server streams them. */
  #links(settings: LogSettings): void {
    const span = spanMillis(settings.last);
    const since = span === null ? settings.since : instantText(fromMillis(Date.now() - span));
    for (const link of this.root.querySelectorAll<HTMLAnchorElement>('a[data-download]')) {
      const url = new URL(link.href, location.href);
      const put = (name: string, value: string) =>
        value ? url.searchParams.set(name, value) : url.searchParams.delete(name);
      const range = link.dataset.download === 'range';
      put('since', range ? since : '');
      put('until', range ? settings.until : '');
      put('stdout', settings.stdout ? '' : '0');
      put('stderr', settings.stderr ? '' : '0');
      put('details', settings.details ? '1' : '');
      put('timestamps', this.#withTimes() ? '1' : '0');
      link.href = url.pathname + url.search;
    }
  }

  #withTimes(): boolean {
    return this.#one<HTMLInputElement>('[data-with-times]').checked;
  }

  #one<E extends HTMLElement = HTMLElement>(selector: string): E {
    const found = this.root.querySelector<E>(selector);
    if (!found) throw new Error(`the log view lacks ${selector}`);
    return found;
  }

  #on<K extends keyof HTMLElementEventMap>(
    target: HTMLElement,
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ): void {
    this.#release.add(listen(target, type, listener));
  }
}

function hitText(hits: HitState, index: number | null): string {
  if (hits.error) return hits.error;
  const all = hits.count.toLocaleString();
  if (hits.progress < 1) return `${all} · ${Math.floor(hits.progress * 100)}%`;
  if (hits.count === 0) return 'No match';
  return index === null ? all : `${(index + 1).toLocaleString()} of ${all}`;
}

function shortTime(ms: number): string {
  return new Date(ms).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
}

/** A time as `datetime-local` fields have it: local, to the second. */
function localText(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

function millis(form: HTMLFormElement, name: string): number | null {
  const field = form.elements.namedItem(name) as HTMLInputElement;
  const ms = field.value === '' ? Number.NaN : new Date(field.value).getTime();
  return ms >= 0 ? ms : null;
}

function instant(ms: number | null): string {
  return ms === null ? '' : instantText(fromMillis(ms));
}
