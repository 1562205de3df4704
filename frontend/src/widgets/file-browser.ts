/**
 * A folder: filtered as one types, uploads by button or drop with progress, new folders and files. The list is the
 * server's; after a change it is fetched again and morphed in.
 */
import { type Disposable, Disposables } from '../core/disposable';
import { count } from '../core/format';
import { batches, type Chosen, collisions } from '../core/uploads';
import { chosenIn, dropped } from '../dom/dropped';
import { hit, listen } from '../dom/listen';
import { refreshParts } from '../dom/live-part';
import { preferences } from '../dom/preferences';
import { requestJson } from '../dom/request';
import type { Ctx } from '../registry';
import { type Problem, Transfer } from './file-transfer';

const HIDDEN = 'files.hidden';
/** Milliseconds between the last key and asking the server, for a folder of which not all is in the page. */
const TYPED = 250;

/** What is in a folder as the server knows it; `complete` is false when the Engine could not list all. */
interface Names {
  readonly names: readonly string[];
  readonly complete: boolean;
}

class FileBrowser implements Disposable {
  readonly #made = new Disposables();
  readonly #root: HTMLElement;
  readonly #ctx: Ctx;
  #looking = new AbortController();
  #running = 0;
  #asking = 0;

  constructor(root: HTMLElement, ctx: Ctx) {
    this.#root = root;
    this.#ctx = ctx;
    this.#watchFilter();
    this.#watchButtons();
    this.#watchDrops();
    this.#watchDialogs();
  }

  dispose(): void {
    this.#looking.abort();
    clearTimeout(this.#asking);
    this.#made.dispose();
  }

  #rows(): HTMLTableRowElement[] {
    return [...this.#root.querySelectorAll<HTMLTableRowElement>('tr[data-name]')];
  }

  #watchFilter(): void {
    const input = this.#root.querySelector<HTMLInputElement>('[data-filter]');
    const toggle = this.#root.querySelector<HTMLButtonElement>('[data-toggle-hidden]');
    const showHidden = () => {
      const shown = preferences.get(HIDDEN) !== 'no';
      toggle?.setAttribute('aria-pressed', String(shown));
      this.#root.toggleAttribute('data-no-dots', !shown);
    };
    if (input) {
      this.#made.add(
        listen(input, 'input', () => {
          this.#filter(input.value);
          clearTimeout(this.#asking);
          // The page shows a part: what else has the name only the server knows.
          if (this.#root.querySelector('#file-list[data-partial]'))
            this.#asking = window.setTimeout(() => void this.#ask(input.value), TYPED);
        }),
      );
    }
    if (toggle) {
      this.#made.add(
        listen(toggle, 'click', () => {
          preferences.set(HIDDEN, preferences.get(HIDDEN) === 'no' ? 'yes' : 'no');
          showHidden();
        }),
      );
    }
    showHidden();
  }

  #filter(text: string): void {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of this.#rows()) {
      const name = (row.dataset.name ?? '').toLowerCase();
      row.hidden = !words.every((word) => name.includes(word));
    }
  }

  async #ask(text: string): Promise<void> {
    const address = new URL(location.href);
    if (text.trim()) address.searchParams.set('q', text);
    else address.searchParams.delete('q');
    history.replaceState(history.state, '', address);
    await this.#refresh();
  }

  #watchButtons(): void {
    // The menus are in the top layer but still below this element.
    this.#made.add(
      listen(this.#root, 'click', (event) => {
        const choose = hit(event, '[data-choose]')?.dataset.choose;
        if (choose) this.#root.querySelector<HTMLInputElement>(`[data-input=${choose}]`)?.click();
      }),
    );
    this.#made.add(
      listen(this.#root, 'change', (event) => {
        const input = event.target;
        if (!(input instanceof HTMLInputElement) || !input.dataset.input) return;
        const file = input.files?.[0];
        if (input.dataset.input !== 'tar') void this.#upload(chosenIn(input));
        else if (file) void this.#extract(file);
        input.value = '';
      }),
    );
  }

  #watchDrops(): void {
    const isFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
    const over = (event: DragEvent) => {
      if (!isFiles(event)) return;
      event.preventDefault();
      this.#root.dataset.into = this.#folderUnder(event);
      this.#root.classList.add('is-over');
    };
    this.#made.add(listen(this.#root, 'dragenter', over));
    this.#made.add(listen(this.#root, 'dragover', over));
    this.#made.add(
      listen(this.#root, 'dragleave', (event) => {
        const to = event.relatedTarget;
        if (!(to instanceof Node && this.#root.contains(to))) this.#root.classList.remove('is-over');
      }),
    );
    this.#made.add(
      listen(this.#root, 'drop', (event) => {
        this.#root.classList.remove('is-over');
        if (!event.dataTransfer || !isFiles(event)) return;
        event.preventDefault();
        void this.#drop(event.dataTransfer.items, this.#folderUnder(event));
      }),
    );
  }

  /** Where a drop goes: into the folder whose row is under it, else into the one that is shown. */
  #folderUnder(event: Event): string {
    const row = hit(event, 'tr[data-kind=folder]');
    const name = row?.querySelector('td.grow a') ? row.dataset.name : undefined;
    return name === undefined ? this.#path : this.#pathOf(name);
  }

  async #drop(items: DataTransferItemList, folder: string): Promise<void> {
    try {
      await this.#upload(await dropped(items), folder);
    } catch {
      this.#ctx.toast('bad', 'That cannot be read', 'The browser could not read what was dropped.');
    }
  }

  #watchDialogs(): void {
    this.#made.add(
      listen(this.#root, 'submit', (event) => {
        const form = event.target;
        if (!(form instanceof HTMLFormElement) || !form.dataset.new) return;
        event.preventDefault();
        const name = String(new FormData(form).get('name') ?? '').trim();
        form.closest('dialog')?.close();
        form.reset();
        if (!name) return;
        if (form.dataset.new === 'folder') void this.#upload({ files: [], folders: [name] });
        else location.assign(`${this.#root.dataset.edit}${encodeURIComponent(this.#pathOf(name))}`);
      }),
    );
  }

  get #path(): string {
    return this.#root.dataset.path ?? '/';
  }

  #pathOf(name: string): string {
    const folder = this.#path;
    return folder === '/' ? `/${name}` : `${folder}/${name}`;
  }

  async #upload(chosen: Chosen<Blob>, folder = this.#path): Promise<void> {
    const { names, complete } = await this.#names(folder);
    const existing = new Set(names);
    const same = collisions(chosen, existing);
    const isNewFolder = chosen.files.length === 0 && chosen.folders.length === 1;
    if (isNewFolder && same.length > 0) {
      this.#ctx.toast('warn', `${same[0]} is there already`);
      return;
    }
    if ((same.length > 0 || !complete) && !(await this.#agreed(same, complete))) return;
    const made = batches(chosen, existing);
    if (made.length === 0) return;
    const bodies = made.map((batch) => new Blob(batch.parts as BlobPart[]));
    const url = `${this.#root.dataset.upload}${encodeURIComponent(folder)}`;
    const [first] = chosen.files;
    const title = chosen.files.length === 1 && first ? first.path : count(chosen.files.length, 'file');
    const done = await this.#transfer(
      new Transfer(isNewFolder ? (chosen.folders[0] ?? '') : title, bodies),
      (transfer) => transfer.run(url, 'application/octet-stream'),
    );
    const into = folder === this.#path ? '' : ` into ${folder}`;
    if (done) this.#ctx.toast('ok', isNewFolder ? 'The folder is made' : `${title} uploaded${into}`);
  }

  /** Asked anew: the page may be old, filtered, or hold a part only. */
  async #names(folder: string): Promise<Names> {
    const { status, body } = await requestJson<Names>(`?path=${encodeURIComponent(folder)}`);
    if (status === 200 && body?.names) return body;
    if (folder !== this.#path) return { names: [], complete: false };
    return { names: this.#rows().map((row) => row.dataset.name ?? ''), complete: true };
  }

  async #agreed(names: readonly string[], complete: boolean): Promise<boolean> {
    const rule =
      'Files of the same name are replaced and keep their permissions and owner. Folders are merged.';
    const answer = await this.#ctx.confirm({
      title: names.length > 0 ? 'Replace what is there?' : 'Upload into a folder that is not fully listed?',
      text: complete ? rule : `There may be more of the same name: the list is not complete. ${rule}`,
      names,
      action: names.length > 0 ? 'Replace' : 'Upload',
      danger: true,
    });
    return answer !== null;
  }

  async #extract(file: File): Promise<void> {
    const answer = await this.#ctx.confirm({
      title: `Extract ${file.name} here?`,
      text: 'It must be an uncompressed tar. It is checked to its end first; when anything in it is wrong, nothing is extracted. Files of the same name are replaced.',
      action: 'Extract',
    });
    if (!answer) return;
    const done = await this.#transfer(new Transfer(file.name, [file]), (transfer) =>
      transfer.extract(this.#root.dataset.extract ?? ''),
    );
    if (done) this.#ctx.toast('ok', `${file.name} is extracted`);
  }

  async #transfer(
    transfer: Transfer,
    run: (transfer: Transfer) => Promise<Problem | null>,
  ): Promise<boolean> {
    const place = this.#root.querySelector('[data-transfers]');
    if (!place) return false;
    place.append(transfer.element);
    this.#busy(1);
    const problem = await run(transfer);
    this.#busy(-1);
    transfer.element.remove();
    if (problem) this.#ctx.toast('bad', problem.title, problem.text);
    await this.#refresh();
    return problem === null;
  }

  /** Leaving the page would end what is under way. */
  #busy(change: number): void {
    this.#running += change;
    if (this.#running === 1 && change === 1) window.addEventListener('beforeunload', warn);
    if (this.#running === 0) window.removeEventListener('beforeunload', warn);
  }

  async #refresh(): Promise<void> {
    this.#looking.abort(); // an answer to what was asked before must not come after this one
    this.#looking = new AbortController();
    // When this fails the page is as old as it was; the next look tells the rest.
    await refreshParts(['file-list'], this.#looking.signal).catch(() => undefined);
    this.#filter(this.#root.querySelector<HTMLInputElement>('[data-filter]')?.value ?? '');
  }
}

function warn(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  return new FileBrowser(root, ctx);
}
