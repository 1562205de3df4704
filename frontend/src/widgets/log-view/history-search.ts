/** Searching whole logs on the server: matches come as they are found, and lead to their place. */
import { Disposables } from '../../core/disposable';
import type { SourceSpec } from '../../core/logprotocol';
import { type LogSettings, optionsOf } from '../../core/logsettings';
import { parseInstant, toMillis } from '../../core/logtime';
import { inert, strip } from '../../core/sgr';
import type { Channel, ServerMessage } from '../../core/socket';
import { el, icon } from '../../dom/elements';
import { hit, listen } from '../../dom/listen';
import type { Ctx } from '../../registry';

interface Match {
  readonly source: number;
  /** Instant as text, and its place among lines of the same time. */
  readonly time: string;
  readonly ordinal: number;
  readonly text: string;
}

const SHADES = 8;
const SHOWN = 1_000;

export class HistorySearch {
  readonly #release = new Disposables();
  readonly #words = el('span', { role: 'status' });
  readonly #progress = el('progress', { max: '1', 'aria-label': 'Searched' });
  readonly #list = el('ol', {});
  readonly #cancel = el('button', { type: 'button', class: 'btn sm' }, 'Cancel');
  #channel: Channel | null = null;
  #sources: readonly SourceSpec[] = [];
  #count = 0;
  /** The keys of what is listed, in the order of the list. */
  #keys: string[] = [];

  constructor(
    readonly root: HTMLElement,
    readonly ctx: Ctx,
    readonly open: (line: string) => void,
  ) {
    const close = el(
      'button',
      { type: 'button', class: 'btn icon sm', 'aria-label': 'Close' },
      icon('x', true),
    );
    const grow = el('span', { class: 'grow' });
    root.append(el('header', {}, this.#words, this.#progress, grow, this.#cancel, close), this.#list);
    this.#release.add(listen(close, 'click', () => this.close()));
    this.#release.add(listen(this.#cancel, 'click', () => this.#ended('Cancelled')));
    this.#release.add(
      listen(this.#list, 'click', (event) => {
        const line = hit(event, '[data-at]')?.dataset.at;
        if (line) this.open(line);
      }),
    );
  }

  search(sources: readonly SourceSpec[], settings: LogSettings): void {
    this.#channel?.close();
    this.#sources = sources;
    this.#count = 0;
    this.#keys = [];
    this.#list.replaceChildren();
    this.root.hidden = false;
    this.root.classList.toggle('many', sources.length > 1);
    this.#cancel.hidden = this.#progress.hidden = false;
    this.#progress.removeAttribute('value');
    this.#say('Searching');
    const { since, until, stdout, stderr } = optionsOf(settings, Date.now());
    const { query, regex, matchCase } = settings;
    const ids = sources.map((source) => source.id);
    this.#channel = this.ctx.socket.open(
      'logsearch',
      { ids, query, regex, case: matchCase, since, until, stdout, stderr },
      { message: (message) => this.#receive(message), dropped: () => this.#ended('The connection was lost') },
    );
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
    this.root.hidden = true;
  }

  dispose(): void {
    this.close();
    this.#release.dispose();
  }

  #receive(message: ServerMessage): void {
    if (message.ev === 'matches') for (const match of message.items as readonly Match[]) this.#add(match);
    if (message.ev === 'skipped') {
      const name = this.#sources[Number(message.source)]?.name ?? '';
      this.ctx.toast('warn', `${name} was not searched`, String(message.message));
    }
    if (message.ev === 'progress') {
      const lines = Number(message.lines).toLocaleString();
      this.#progress.value = Number(message.done);
      this.#say(`Searched ${lines} lines`);
    }
    if (message.ev === 'error') this.#ended(String(message.message));
    if (message.ev === 'end')
      this.#ended(message.reason === 'limit' ? 'There are more matches' : 'Searched everything');
  }

  #ended(words: string): void {
    this.#channel?.close();
    this.#channel = null;
    this.#cancel.hidden = this.#progress.hidden = true;
    this.#say(words);
  }

  #say(words: string): void {
    const matches = this.#count === 1 ? '1 match' : `${this.#count.toLocaleString()} matches`;
    this.#words.textContent = `${words} · ${matches}`;
  }

  #add(match: Match): void {
    this.#count++;
    const time = parseInstant(match.time);
    if (!time || this.#list.childElementCount >= SHOWN) return;
    const ms = toMillis(time);
    const label = new Date(ms).toLocaleString(undefined, { dateStyle: 'short', timeStyle: 'medium' });
    const button = el('button', { type: 'button', 'data-at': `${match.time}:${match.ordinal}` });
    button.append(el('time', { datetime: new Date(ms).toISOString() }, label));
    if (this.#sources.length > 1) {
      const name = this.#sources[match.source]?.name ?? '';
      button.append(el('span', { class: `src s${match.source % SHADES}` }, name));
    }
    button.append(el('span', { class: 'm' }, inert(strip(match.text))));
    this.#insert(match.time.padStart(22, '0'), el('li', {}, button));
  }

  /** Several logs are searched at the same time: matches come out of order. */
  #insert(key: string, item: HTMLLIElement): void {
    let place = this.#keys.length;
    while (place > 0 && (this.#keys[place - 1] as string) > key) place--;
    this.#keys.splice(place, 0, key);
    this.#list.insertBefore(item, this.#list.children[place] ?? null);
  }
}
