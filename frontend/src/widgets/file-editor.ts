/**
 * The form around a text file. It is saved where it stands: the caret stays, and a save that fails, whatever the reason,
 * takes nothing of what was typed away. Nor does leaving.
 */
import { type Disposable, Disposables } from '../core/disposable';
import { el, icon } from '../dom/elements';
import { listen } from '../dom/listen';
import { refreshParts } from '../dom/live-part';
import { requestJson } from '../dom/request';
import type { Ctx } from '../registry';

/** What the server answers: the new version and the file's page; of a conflict the version that is there now. */
interface Saved {
  readonly version?: string;
  readonly url?: string;
  readonly newline?: string;
  readonly title?: string;
  readonly message?: string;
  readonly hint?: string;
}

/** Parts of the page that tell about the file, fetched again once it is saved. */
const FACTS = ['file-facts', 'file-hints'];

class FileEditor implements Disposable {
  readonly #made = new Disposables();
  readonly #form: HTMLFormElement;
  readonly #ctx: Ctx;
  readonly #stopped = new AbortController();
  #changed: boolean;
  #edits = 0;
  #saving = false;

  constructor(form: HTMLFormElement, ctx: Ctx) {
    this.#form = form;
    this.#ctx = ctx;
    this.#changed = form.hasAttribute('data-unsaved');
    const warn = (event: BeforeUnloadEvent) => {
      if (this.#changed) event.preventDefault();
    };
    window.addEventListener('beforeunload', warn);
    this.#made.add(() => window.removeEventListener('beforeunload', warn));
    this.#made.add(
      listen(form, 'input', () => {
        this.#changed = true;
        this.#edits++;
      }),
    );
    this.#made.add(
      listen(form, 'submit', (event) => {
        event.preventDefault();
        void this.#save();
      }),
    );
    this.#watchKeys();
    this.#watchDiscard();
  }

  dispose(): void {
    this.#stopped.abort();
    this.#made.dispose();
  }

  #watchKeys(): void {
    this.#made.add(
      listen(document, 'keydown', (event) => {
        if (event.key !== 's' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
        event.preventDefault(); // the browser would save its page, wherever the focus is
        if (document.querySelector('dialog:modal') === null) this.#form.requestSubmit();
      }),
    );
  }

  #watchDiscard(): void {
    this.#made.add(
      listen(this.#form, 'click', (event) => {
        const link = event.target instanceof Element ? event.target.closest('a[data-revert]') : null;
        if (!(link instanceof HTMLAnchorElement) || !this.#changed) return;
        event.preventDefault();
        const question = { title: 'Discard your changes?', action: 'Discard', danger: true };
        void this.#ctx.confirm(question).then((answer) => {
          if (!answer) return;
          this.#changed = false;
          location.assign(link.href);
        });
      }),
    );
  }

  async #save(): Promise<void> {
    if (this.#saving) return;
    this.#busy(true);
    const edits = this.#edits;
    const { status, body } = await requestJson<Saved>(this.#form.action, new FormData(this.#form));
    this.#busy(false);
    if (status === 200 && body?.version) await this.#saved(body, edits);
    else if (status === 409 && body?.version !== undefined) this.#conflict(body.version);
    else this.#failed(status, body);
  }

  #busy(busy: boolean): void {
    this.#saving = busy;
    const button = this.#form.querySelector('.primary');
    if (busy) button?.setAttribute('aria-busy', 'true');
    else button?.removeAttribute('aria-busy');
  }

  async #saved(answer: Saved, edits: number): Promise<void> {
    this.#set('version', answer.version ?? '');
    this.#set('newline', answer.newline ?? 'LF');
    if (this.#edits === edits) this.#changed = false;
    this.#notice(null);
    this.#ctx.toast('ok', `${this.#form.dataset.name} is saved.`);
    if (!answer.url) return;
    history.replaceState(history.state, '', answer.url); // a new file has an address now
    const revert = this.#form.querySelector<HTMLAnchorElement>('a[data-revert]');
    if (revert) revert.href = answer.url;
    // Saved it is, whatever becomes of this; the next look tells the rest.
    await refreshParts(FACTS, this.#stopped.signal, answer.url).catch(() => undefined);
  }

  #conflict(version: string): void {
    this.#set('version', version);
    const name = this.#form.dataset.name ?? '';
    const words = version
      ? `${name} has changed since you opened it. Saving again replaces it with what is below.`
      : `${name} is gone. Saving again makes it anew.`;
    const look = el(
      'a',
      { href: this.#form.dataset.look ?? '', target: '_blank', rel: 'noopener' },
      'See what is there now',
    );
    this.#notice('warn', el('span', {}, words), look);
  }

  #failed(status: number, body: Saved | null): void {
    const title = body?.title ?? (status === 0 ? 'The server did not answer' : 'It was not saved');
    const hint = status === 503 ? '' : body?.hint; // that of a whole page, which asks again by itself
    const rest = [body?.message, hint, 'What you typed is still here.'].filter(Boolean).join(' ');
    this.#notice('bad', el('span', {}, el('b', {}, `${title}.`), ` ${rest}`));
  }

  #notice(tone: 'warn' | 'bad' | null, ...children: HTMLElement[]): void {
    const place = this.#form.querySelector('[data-notice]');
    if (!tone) {
      place?.replaceChildren();
      return;
    }
    const sign = icon(tone === 'bad' ? 'octagon-alert' : 'triangle-alert');
    place?.replaceChildren(el('p', { class: `notice ${tone}`, role: 'alert' }, sign, ...children));
    place?.scrollIntoView({ block: 'nearest' });
  }

  #set(name: string, value: string): void {
    const field = this.#form.elements.namedItem(name);
    if (field instanceof HTMLInputElement) field.value = value;
  }
}

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  return root instanceof HTMLFormElement ? new FileEditor(root, ctx) : new Disposables();
}
