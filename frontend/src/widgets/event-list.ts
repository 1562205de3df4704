/**
 * The events page: `<div data-widget="event-list" data-args='{"filters":{…},"since":"1h"}'>` with an `ol`, newest first.
 * `[data-filter]` filters what is shown, `[data-pause]` holds new events back, each event's button shows its JSON
 * (exec command lines only after another, audited click). What the page shows is bounded; the Engine remembers little.
 */
import { type Disposable, Disposables } from '../core/disposable';
import { EventBuffer, type EventItem, matches } from '../core/events';
import { count } from '../core/format';
import type { Channel, ServerMessage } from '../core/socket';
import { el, icon } from '../dom/elements';
import { hit, listen } from '../dom/listen';
import { preferences } from '../dom/preferences';
import type { Ctx } from '../registry';

const MOST_SHOWN = 1_000;
const MOST_HELD = 1_000;
const SCOPE_KEY = 'events.scope';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat(undefined, { month: 'short', day: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });

const PAGES: Readonly<Record<string, string>> = { container: '/containers/' };

function when(at: number): HTMLElement {
  const today = day.format(at) === day.format(Date.now());
  const text = today ? time.format(at) : `${day.format(at)} ${time.format(at)}`;
  return el('time', { datetime: new Date(at).toISOString(), title: full.format(at) }, text);
}

function words(item: EventItem): HTMLElement {
  const page = PAGES[item.type];
  const pieces = item.text.map(([text, isName], i) => {
    if (!isName) return text;
    const subject = item.text.findIndex(([, name]) => name) === i;
    return page && subject ? el('a', { href: `${page}${item.id}/` }, text) : el('b', {}, text);
  });
  return el('span', { class: 'what' }, ...pieces);
}

function rowOf(item: EventItem): HTMLElement {
  const more = el(
    'button',
    { type: 'button', class: 'btn icon sm', 'aria-expanded': 'false', 'aria-label': 'Show the raw event' },
    icon('chevron-down', true),
  );
  const line = el(
    'div',
    { class: 'line' },
    when(item.at),
    el('span', { class: `mark ${item.tone}` }, icon(item.icon)),
    words(item),
    el('span', { class: 'tag' }, `${item.type} ${item.action}`),
    more,
  );
  return el('li', { 'data-n': String(item.n) }, line);
}

class EventList implements Disposable {
  readonly #release = new Disposables();
  readonly #buffer = new EventBuffer(MOST_HELD);
  readonly #items = new Map<string, EventItem>();
  readonly #list: HTMLElement;
  readonly #filter: HTMLInputElement | null;
  readonly #pause: HTMLElement | null;
  readonly #channel: Channel;
  #everything: boolean;

  constructor(
    readonly root: HTMLElement,
    readonly ctx: Ctx,
  ) {
    const list = root.querySelector('ol');
    if (!list) throw new Error('the event list has no list');
    this.#list = list;
    this.#filter = root.querySelector('[data-filter]');
    this.#pause = root.querySelector('[data-pause]');
    if (this.#filter) this.#release.add(listen(this.#filter, 'input', () => this.#applyFilter()));
    if (this.#pause) this.#release.add(listen(this.#pause, 'click', () => this.#togglePause()));
    this.#everything = preferences.get(SCOPE_KEY) === 'all';
    const chosen = root.querySelector<HTMLInputElement>(
      `[name=scope][value=${this.#everything ? 'all' : 'notable'}]`,
    );
    if (chosen) chosen.checked = true;
    this.#release.add(listen(root, 'change', (event) => this.#choose(event)));
    this.#release.add(listen(list, 'click', (event) => this.#click(event)));
    this.#release.add(
      ctx.shortcuts({
        keys: 'p',
        group: 'Events',
        does: 'Pause and go on',
        run: () => {
          this.#togglePause();
          return undefined;
        },
      }),
    );
    this.#channel = this.#subscribe();
    this.#release.add(() => this.#channel.close());
    this.#release.add(() => ctx.notice('events', null));
  }

  dispose(): void {
    this.#release.dispose();
  }

  #subscribe(): Channel {
    const args = JSON.parse(this.root.dataset.args ?? '{}') as object;
    return this.ctx.socket.open('events', args, {
      retry: true,
      resume: () => this.#buffer.place,
      message: (message) => this.#message(message),
    });
  }

  #message(message: ServerMessage): void {
    switch (message.ev) {
      case 'events': {
        const { show, fresh } = this.#buffer.take(message.items as EventItem[], String(message.log));
        if (fresh) this.#clear();
        this.#show(show);
        break;
      }
      case 'live':
        this.ctx.notice('events', null);
        this.#ready();
        break;
      case 'end':
        this.#ready();
        break;
      case 'gap':
        this.#missed(Number(message.count));
        break;
      case 'stale':
      case 'error':
        this.ctx.notice('events', String(message.message));
        break;
      case 'raw':
        this.#showRaw(Number(message.n), JSON.stringify(message.json, null, 2));
        break;
      case 'refused':
        this.ctx.toast('bad', 'This event cannot be shown', String(message.message));
    }
    this.#tell();
  }

  #ready(): void {
    this.root.dataset.ready = '';
  }

  #clear(): void {
    this.#items.clear();
    this.#list.replaceChildren();
  }

  #show(items: readonly EventItem[]): void {
    const query = this.#filter?.value ?? '';
    const rows = items.map((item) => {
      this.#items.set(String(item.n), item);
      const row = rowOf(item);
      row.hidden = !this.#passes(item, query);
      return row;
    });
    this.#list.prepend(...rows.reverse());
    while (this.#list.childElementCount > MOST_SHOWN) {
      const oldest = this.#list.lastElementChild as HTMLElement;
      this.#items.delete(oldest.dataset.n ?? '');
      oldest.remove();
    }
  }

  #missed(n: number): void {
    const text = n > 0 ? `${count(n, 'event')} missed: they came faster than they could be shown.` : '';
    this.#list.prepend(el('li', { class: 'gap' }, text));
  }

  #passes(item: EventItem, query: string): boolean {
    return (this.#everything || !item.routine) && matches(item, query);
  }

  #choose(event: Event): void {
    const radio = event.target as HTMLInputElement;
    if (!radio.matches('[name=scope]')) return;
    this.#everything = radio.value === 'all';
    preferences.set(SCOPE_KEY, radio.value);
    this.#applyFilter();
  }

  #applyFilter(): void {
    const query = this.#filter?.value ?? '';
    for (const row of this.#list.querySelectorAll<HTMLElement>('li[data-n]')) {
      const item = this.#items.get(row.dataset.n ?? '');
      if (item) row.hidden = !this.#passes(item, query);
    }
    this.#tell();
  }

  #togglePause(): void {
    if (this.#buffer.paused) {
      const { show, dropped } = this.#buffer.resume();
      if (dropped > 0) this.#missed(dropped);
      this.#show(show);
    } else this.#buffer.pause();
    this.#tell();
  }

  #tell(): void {
    const { paused, waiting } = this.#buffer;
    this.#pause?.setAttribute('aria-pressed', String(paused));
    const label = this.#pause?.querySelector('span');
    if (label) label.textContent = !paused ? 'Pause' : waiting > 0 ? `Go on (${waiting} new)` : 'Go on';
    const shown = this.#list.querySelector('li:not([hidden])') !== null;
    const filtered = this.#items.size > 0;
    for (const empty of this.root.querySelectorAll<HTMLElement>('[data-empty]')) {
      empty.hidden = shown || (empty.dataset.empty === 'filtered') !== filtered;
    }
  }

  #click(event: MouseEvent): void {
    const row = hit(event, 'li[data-n]');
    const n = Number(row?.dataset.n);
    const button = hit(event, 'button[aria-expanded]');
    if (row && button) {
      const open = button.getAttribute('aria-expanded') !== 'true';
      button.setAttribute('aria-expanded', String(open));
      row.querySelector('.raw')?.remove();
      if (open) this.#channel.send('raw', { n });
    } else if (row && hit(event, '[data-reveal]')) this.#channel.send('raw', { n, reveal: true });
  }

  #showRaw(n: number, json: string): void {
    const row = this.#list.querySelector(`li[data-n="${n}"]`);
    const item = this.#items.get(String(n));
    if (!row || !item || row.querySelector('button[aria-expanded=true]') === null) return;
    const revealed = row.querySelector('.raw') !== null;
    row.querySelector('.raw')?.remove();
    const raw = el('div', { class: 'raw' }, el('pre', {}, json));
    if (item.action.startsWith('exec_') && item.action !== 'exec_die' && !revealed) {
      raw.append(
        el(
          'button',
          { type: 'button', class: 'btn sm', 'data-reveal': true, 'data-needs': 'container.reveal' },
          icon('eye', true),
          'Show the command line',
        ),
      );
    }
    row.append(raw);
  }
}

export function mount(element: HTMLElement, ctx: Ctx): Disposable {
  return new EventList(element, ctx);
}
