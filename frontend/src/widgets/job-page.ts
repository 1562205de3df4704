/** One job's page: state, progress of the whole and of its parts, and its output as it is printed. */
import type { Disposable } from '../core/disposable';
import { bytes, speed } from '../core/format';
import { parse } from '../core/sgr';
import { el } from '../dom/elements';
import type { Ctx } from '../registry';

interface Item {
  readonly id: string;
  readonly status: string;
  readonly current: number | null;
  readonly total: number | null;
}

interface Job {
  readonly state: string;
  readonly fraction: number | null;
  readonly message: string;
  readonly error: string;
  readonly rate: number | null;
  readonly items?: readonly Item[];
  readonly result?: unknown;
}

const KEPT = 512 << 10;
const ACTIVE = new Set(['queued', 'running']);

/** Prints text with its colours, keeps the view at the end while it is there, and forgets the oldest. */
class Output {
  #length = 0;

  constructor(readonly pre: HTMLElement) {}

  print(text: string): void {
    if (!text) return;
    const atEnd = this.pre.scrollTop + this.pre.clientHeight >= this.pre.scrollHeight - 8;
    const fresh = document.createDocumentFragment();
    text
      .replace(/\r\n?/g, '\n')
      .split('\n')
      .forEach((line, index) => {
        if (index > 0) fresh.append('\n');
        for (const piece of parse(line)) {
          fresh.append(piece.cls ? el('span', { class: piece.cls }, piece.text) : piece.text);
        }
      });
    this.#length += text.length;
    this.pre.append(fresh);
    while (this.#length > KEPT && this.pre.firstChild) {
      this.#length -= this.pre.firstChild.textContent?.length ?? 0;
      this.pre.firstChild.remove();
    }
    if (atEnd) this.pre.scrollTop = this.pre.scrollHeight;
  }

  clear(): void {
    this.#length = 0;
    this.pre.replaceChildren();
  }

  /** What came with the page, as it is: escape sequences become colours. */
  adopt(): void {
    const text = this.pre.textContent ?? '';
    this.clear();
    this.print(text);
  }
}

/** One row per part, such as a layer. */
class Items {
  #rows = new Map<string, HTMLElement>();

  constructor(readonly list: HTMLElement) {}

  show(items: readonly Item[]): void {
    for (const item of items) this.#row(item);
  }

  #row(item: Item): void {
    let row = this.#rows.get(item.id);
    if (!row) {
      const bar = el('progress', { max: '1', 'aria-label': `Progress of ${item.id}` });
      row = el('li', {}, el('code', {}, item.id), el('span', {}), bar);
      this.#rows.set(item.id, row);
      this.list.append(row);
    }
    const [, words, bar] = row.children;
    const moving = item.current !== null && item.total !== null && item.current < item.total;
    const sizes = item.total ? ` ${moving ? `${bytes(item.current ?? 0)} of ` : ''}${bytes(item.total)}` : '';
    if (words) words.textContent = `${item.status}${sizes}`;
    if (bar instanceof HTMLProgressElement) {
      bar.hidden = !moving;
      if (moving) bar.value = (item.current ?? 0) / (item.total ?? 1);
    }
  }
}

/** What a job has made, as links; names come from the Engine and stay text. */
function outcome(result: unknown): Node[] {
  if (typeof result !== 'object' || result === null) return [];
  const { image, images, repository, container } = result as Record<string, unknown>;
  const refs = [image, ...(Array.isArray(images) ? images : [])].filter((ref) => typeof ref === 'string');
  const links: Node[] = refs.map((ref) => {
    const name = ref.startsWith('sha256:') ? ref.slice(7, 19) : ref;
    return el('a', { class: 'btn', href: `/images/find?ref=${encodeURIComponent(ref)}` }, `Open ${name}`);
  });
  if (typeof repository === 'string') {
    const all = `/images/?reference=${encodeURIComponent(repository)}`;
    links.push(el('a', { class: 'btn', href: all }, `Show the tags of ${repository}`));
  }
  if (typeof container === 'string') {
    links.push(el('a', { class: 'btn', href: `/containers/${container}/` }, 'Open the container'));
  }
  return links;
}

function showBar(bar: HTMLElement | null, job: Job): void {
  if (!(bar instanceof HTMLProgressElement)) return;
  bar.hidden = !ACTIVE.has(job.state);
  if (job.fraction === null) bar.removeAttribute('value');
  else bar.value = job.fraction;
}

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const part = (name: string) => root.querySelector<HTMLElement>(`[data-${name}]`);
  const pre = part('output');
  const list = part('items');
  if (!pre || !list) return { dispose() {} };
  const output = new Output(pre);
  const items = new Items(list);
  const say = (name: string, text: string) => {
    const element = part(name);
    if (element) element.textContent = text;
  };

  const showResult = (result: unknown) => {
    const place = part('result');
    const links = outcome(result);
    if (!place || links.length === 0) return;
    place.replaceChildren(...links);
    place.hidden = false;
  };

  const show = (job: Job) => {
    const active = ACTIVE.has(job.state);
    const state = part('state');
    if (state) state.className = `badge is-${job.state}`;
    const word = state?.querySelector('span');
    if (word && word.textContent !== job.state) word.textContent = job.state;
    say('message', job.message);
    say('rate', active && job.rate ? speed(job.rate) : '');
    showBar(part('bar'), job);
    const error = part('error');
    const words = error?.querySelector('span');
    if (error && words) {
      error.hidden = !job.error || job.state === 'cancelled';
      words.textContent = job.error;
    }
    if (job.items) items.show(job.items);
    if (job.state === 'succeeded') showResult(job.result);
    if (active) return;
    document.getElementById('job-cancel')?.remove();
    const again = document.querySelector<HTMLElement>('[data-unhappy]');
    if (again) again.hidden = job.state === 'succeeded';
  };

  // What was printed stays while the server is away: on its return it sends all of it again.
  let stale = false;
  output.adopt();
  if (root.dataset.outcome) showResult(JSON.parse(root.dataset.outcome));
  if (root.dataset.active !== '1') return { dispose() {} };
  const channel = ctx.socket.open(
    'job',
    { id: root.dataset.jobId },
    {
      retry: true,
      dropped: () => {
        stale = true;
      },
      message(message) {
        if (message.ev !== 'job') return;
        if (stale) output.clear();
        stale = false;
        show(message.job as Job);
        output.print(String(message.output ?? ''));
      },
    },
  );
  return { dispose: () => channel.close() };
}
