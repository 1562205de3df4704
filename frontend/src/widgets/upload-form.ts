/**
 * A form that begins a job, and the file or folder that feeds it. The fields go first; the answer names the job's page and
 * where the bytes go. The page of the job is then shown in this same document, for leaving it would end the upload.
 */
import { type BuildContext, buildContext } from '../core/buildcontext';
import { type Disposable, Disposables } from '../core/disposable';
import { bytes, count } from '../core/format';
import { parseFragment } from '../dom/htmx';
import { listen } from '../dom/listen';
import { pageHeaders, requestJson } from '../dom/request';
import type { Ctx } from '../registry';

interface Begun {
  readonly page: string;
  readonly upload: string | null;
  readonly title?: string;
  readonly message?: string;
  readonly hint?: string;
}

const TAR = 'application/x-tar';

/** Shows the job's page in place of the form. */
async function showJob(url: string): Promise<void> {
  const response = await fetch(url, { headers: { Accept: 'text/html' } });
  const page = parseFragment(await response.text());
  const main = document.getElementById('main');
  const fresh = page.querySelector('#main > *');
  if (!main || !fresh) throw new Error('the page of the job has no content');
  const crumbs = page.querySelector('.crumbs');
  if (crumbs) document.querySelector('.crumbs')?.replaceWith(crumbs);
  main.replaceChildren(fresh);
  document.title = page.querySelector('title')?.textContent ?? document.title;
  history.replaceState(null, '', url);
  document.dispatchEvent(new CustomEvent('widgets:arrived'));
}

function warnBeforeLeaving(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

/** Sends the bytes; the form is gone from the page by then, so nothing here depends on it. */
async function send(ctx: Ctx, url: string, body: Blob): Promise<void> {
  window.addEventListener('beforeunload', warnBeforeLeaving);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { ...pageHeaders(), Accept: 'application/json', 'Content-Type': TAR },
      body,
    });
    if (!response.ok) ctx.toast('bad', 'The upload was refused', `The server answered ${response.status}.`);
  } catch {
    // A job that ends early (it was refused, or cancelled) closes the connection: its page says why.
  } finally {
    window.removeEventListener('beforeunload', warnBeforeLeaving);
  }
}

function words(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

class UploadForm {
  constructor(
    readonly form: HTMLFormElement,
    readonly ctx: Ctx,
  ) {}

  /** Shows the fields of the source that is chosen; what it cannot do without (`data-wanted`) must be filled. */
  showSource(): void {
    const now = this.#source();
    for (const part of this.form.querySelectorAll<HTMLElement>('[data-for], [data-not-for]')) {
      const { for: only = now, notFor } = part.dataset;
      part.hidden = only !== now || notFor === now;
      for (const field of part.querySelectorAll<HTMLInputElement>('[data-wanted]'))
        field.required = !part.hidden;
    }
  }

  /** Says what of a folder will be sent. */
  async tell(): Promise<void> {
    const output = this.form.querySelector('[data-chosen]');
    if (!output || this.#chosen('[data-folder]').length === 0) return;
    try {
      const { files, left, size } = await this.#folder();
      const out = left > 0 ? `, ${left} left out by .dockerignore` : '';
      output.textContent = `${count(files, 'file')}, ${bytes(size)}${out}`;
    } catch (error) {
      output.textContent = words(error);
    }
  }

  async submit(): Promise<void> {
    const button = this.form.querySelector<HTMLButtonElement>('button.primary');
    if (button?.getAttribute('aria-busy') === 'true') return;
    button?.setAttribute('aria-busy', 'true');
    try {
      await this.#begin();
    } catch (error) {
      this.ctx.toast('bad', 'That will not work', words(error));
    } finally {
      button?.removeAttribute('aria-busy');
    }
  }

  #source(): string {
    return this.form.querySelector<HTMLInputElement>('[name=source]:checked')?.value ?? 'file';
  }

  #chosen(selector: string): File[] {
    return [...(this.form.querySelector<HTMLInputElement>(selector)?.files ?? [])];
  }

  async #folder(): Promise<BuildContext<File>> {
    const dockerfile = this.form.querySelector<HTMLInputElement>('[name=dockerfile]')?.value.trim() ?? '';
    const files = this.#chosen('[data-folder]').map((file) => ({
      webkitRelativePath: file.webkitRelativePath,
      size: file.size,
      lastModified: file.lastModified,
      content: file,
      text: () => file.text(),
    }));
    if (files.length === 0) throw new Error('Choose a folder first.');
    return buildContext<File>(files, dockerfile);
  }

  /** What is to be uploaded, null for a source without an upload. Throws with what is missing. */
  async #payload(): Promise<Blob | null> {
    const source = this.#source();
    if (source === 'folder') return new Blob((await this.#folder()).parts as BlobPart[], { type: TAR });
    if (source !== 'file' && source !== 'tar') return null;
    const file = this.#chosen('[data-file]')[0];
    if (!file) throw new Error('Choose a file first.');
    return file;
  }

  async #begin(): Promise<void> {
    const body = await this.#payload();
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) {
      if (typeof value === 'string') fields.append(name, value);
    }
    if (body instanceof File) fields.append('filename', body.name);
    const { status, body: begun } = await requestJson<Begun>(this.form.action || location.href, fields);
    if (status !== 201 || !begun) {
      const told = [begun?.message, begun?.hint].filter(Boolean).join(' ');
      throw new Error(told || 'The server did not answer.');
    }
    if (!body || !begun.upload) {
      location.assign(begun.page);
      return;
    }
    void send(this.ctx, begun.upload, body);
    await showJob(begun.page);
  }
}

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const made = new Disposables();
  if (!(root instanceof HTMLFormElement)) return made;
  const upload = new UploadForm(root, ctx);
  const look = () => {
    upload.showSource();
    void upload.tell();
  };
  made.add(listen(root, 'change', look));
  made.add(
    listen(root, 'submit', (event) => {
      event.preventDefault();
      void upload.submit();
    }),
  );
  // A browser that comes back to this page keeps what was chosen.
  look();
  return made;
}
