/** One job's page: state, progress of the whole and of its parts, and its output as it is printed. */
import type { Disposable } from '../core/disposable';
import { bytes, rate } from '../core/format';
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
}

const KEPT = 512 << 10;
const ACTIVE = new Set(['queued', 'running']);

export function mount(root: HTMLElement, ctx: Ctx): Disposable {
  const part = (name: string) => root.querySelector<HTMLElement>(`[data-${name}]`);
  const output = part('output');
  const rows = new Map<string, HTMLElement>();

  const print = (text: string) => {
    if (!output || !text) return;
    const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 8;
    text
      .replace(/\r\n?/g, '\n')
      .split('\n')
      .forEach((line, index) => {
        if (index > 0) output.append('\n');
        for (const piece of parse(line)) {
          output.append(piece.cls ? el('span', { class: piece.cls }, piece.text) : piece.text);
        }
      });
    while ((output.textContent?.length ?? 0) > KEPT && output.firstChild) output.firstChild.remove();
    if (atEnd) output.scrollTop = output.scrollHeight;
  };

  const showItems = (items: readonly Item[]) => {
    for (const item of items) {
      let row = rows.get(item.id);
      if (!row) {
        row = el('li', {}, el('code', {}, item.id), el('span', {}), el('progress', { max: '1' }));
        rows.set(item.id, row);
        part('items')?.append(row);
      }
      const [, words, bar] = row.children;
      const sizes = item.total ? ` ${bytes(item.current ?? 0)} of ${bytes(item.total)}` : '';
      if (words) words.textContent = `${item.status}${sizes}`;
      if (bar instanceof HTMLProgressElement) {
        bar.hidden = !item.total;
        if (item.total) bar.value = (item.current ?? 0) / item.total;
      }
    }
  };

  const show = (job: Job) => {
    const state = part('state');
    if (state) {
      state.className = `badge is-${job.state}`;
      const word = state.querySelector('span');
      if (word) word.textContent = job.state;
    }
    const message = part('message');
    if (message) message.textContent = job.message;
    const speed = part('rate');
    if (speed) speed.textContent = job.rate ? rate(job.rate) : '';
    const bar = part('bar');
    if (bar instanceof HTMLProgressElement) {
      bar.hidden = !ACTIVE.has(job.state);
      if (job.fraction === null) bar.removeAttribute('value');
      else bar.value = job.fraction;
    }
    const error = part('error');
    const words = error?.querySelector('span');
    if (error && words) {
      error.hidden = !job.error;
      words.textContent = job.error;
    }
    if (!ACTIVE.has(job.state)) document.getElementById('job-cancel')?.remove();
    if (job.items) showItems(job.items);
  };

  if (root.dataset.active !== '1') return { dispose() {} };
  const channel = ctx.socket.open(
    'job',
    { id: root.dataset.jobId },
    {
      retry: true,
      dropped() {
        output?.replaceChildren();
      },
      message(message) {
        if (message.ev !== 'job') return;
        show(message.job as Job);
        print(String(message.output ?? ''));
      },
    },
  );
  return { dispose: () => channel.close() };
}
