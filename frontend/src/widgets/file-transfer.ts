/** One upload as people see it: its name, how far it is, how fast, and a button that stops it. */
import { bytes, rate } from '../core/format';
import { tarHeaders } from '../core/tarheaders';
import { Speed } from '../core/uploads';
import { el, icon } from '../dom/elements';
import { type Answered, type Sending, send } from '../dom/sending';

export interface Problem {
  readonly title: string;
  readonly text: string;
}

const CANCELLED_EARLY: Problem = {
  title: 'The upload was cancelled',
  text: 'Nothing of it was written.',
};
const PART = 'If a file is there in part, the audit log names it.';
const TAR = 'application/x-tar';
/** An archive up to this size is looked through by the server as a whole. */
const SMALL = 16 * 1024 * 1024;

export class Transfer {
  readonly element: HTMLElement;
  readonly #abort = new AbortController();
  #bodies: readonly Blob[];
  #total: number;
  readonly #bar: HTMLProgressElement;
  readonly #words = el('span', { class: 'dim num' });
  readonly #speed = new Speed();
  #sending: Sending | null = null;
  #stopped = false;

  constructor(title: string, bodies: readonly Blob[]) {
    this.#bodies = bodies;
    this.#total = bodies.reduce((sum, body) => sum + body.size, 0);
    this.#bar = el('progress', { max: String(this.#total), value: '0', 'aria-label': `Upload of ${title}` });
    const stop = el(
      'button',
      { type: 'button', class: 'btn icon sm', 'aria-label': `Cancel ${title}` },
      icon('x', true),
    );
    stop.addEventListener('click', () => this.#stop());
    this.element = el('div', { class: 'transfer' }, el('b', {}, title), this.#bar, this.#words, stop);
  }

  /** Sends all; null when everything arrived. */
  async run(url: string, type: string): Promise<Problem | null> {
    let before = 0;
    for (const body of this.#bodies) {
      const sent = before;
      this.#sending = send(url, body, type, (now) => this.#show(sent + now));
      const answer = await this.#sending.answered;
      if (answer.status !== 200) return this.#problem(answer);
      before += body.size;
    }
    return null;
  }

  /** Sends the one body, a tar: a large one behind its headers, which are looked through before the rest is sent. */
  async extract(url: string): Promise<Problem | null> {
    const [file] = this.#bodies;
    if (!file || file.size <= SMALL) return this.run(url, TAR);
    this.#words.textContent = 'Looking through it…';
    let list: Blob | null;
    try {
      const parts = await tarHeaders(file, this.#abort.signal);
      list = parts && new Blob(parts);
    } catch {
      if (this.#stopped) return CANCELLED_EARLY;
      return { title: 'That cannot be read', text: 'The browser could not read the archive.' };
    }
    if (this.#stopped) return CANCELLED_EARLY;
    if (list === null) return this.run(url, TAR);
    this.#sending = send(`${url}&check=1`, list, TAR, () => {});
    const answer = await this.#sending.answered;
    if (answer.status !== 200) return this.#stopped ? CANCELLED_EARLY : this.#problem(answer);
    this.#bodies = [new Blob([list, file])];
    this.#total = list.size + file.size;
    this.#bar.max = this.#total;
    return this.run(`${url}&list=${list.size}`, TAR);
  }

  #stop(): void {
    this.#stopped = true;
    this.#abort.abort();
    this.#sending?.abort();
  }

  #show(sent: number): void {
    this.#bar.value = sent;
    const speed = this.#speed.at(performance.now(), sent);
    this.#words.textContent =
      sent >= this.#total
        ? 'Writing it…'
        : `${bytes(sent)} of ${bytes(this.#total)}${speed > 0 ? `, ${rate(speed)}` : ''}`;
  }

  #problem(answer: Answered): Problem {
    if (this.#stopped) {
      return {
        title: 'The upload was cancelled',
        text: `What was sent before may be there. ${PART}`,
      };
    }
    if (answer.status === 0) {
      return {
        title: 'The upload broke off',
        text: `The connection was lost, or the server wanted no more of it. ${PART}`,
      };
    }
    const title = String(answer.body?.title ?? 'The upload was refused');
    return { title, text: [answer.body?.message, answer.body?.hint].filter(Boolean).join(' ') };
  }
}
