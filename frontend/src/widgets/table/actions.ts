/**
 * What the list's buttons do: `[data-act="start"]` in a row or in the shared row menu acts on one container,
 * `[data-bulk="stop"]` on the ticked ones, `[data-act]` in a group's header on its members. A button asks first when it has
 * `data-confirm="Remove {name}?"` (`{name}` becomes the name or "3 containers"; more attributes in confirm-dialog.ts;
 * `data-confirm-choices="force:Kill it if it runs;v:Remove its anonymous volumes"` become form fields).
 */
import { type Disposable, Disposables } from '../../core/disposable';
import { count } from '../../core/format';
import { hit, listen } from '../../dom/listen';
import { post, requestJson } from '../../dom/request';
import type { Ctx, Question } from '../../registry';
import type { Picks } from './picks';
import { type Row, type Rows, shortId } from './rows';

const BULK_URL = '/containers/bulk/';

interface BulkAnswer {
  readonly results: ReadonlyArray<{
    readonly id: string;
    readonly name: string;
    readonly ok: boolean;
    readonly message: string;
  }>;
}

function question(button: HTMLElement, names: readonly string[]): Question | null {
  const { confirm, confirmText, confirmAction, confirmKind, confirmChoices } = button.dataset;
  if (!confirm) return null;
  const who = names.length === 1 ? (names[0] ?? '') : count(names.length, 'container');
  return {
    title: confirm.replace('{name}', who),
    action: confirmAction ?? button.textContent?.trim().replace(/…$/, '') ?? 'Go on',
    danger: confirmKind === 'danger',
    ...(confirmText ? { text: confirmText } : {}),
    ...(names.length > 1 ? { names } : {}),
    choices: (confirmChoices ?? '')
      .split(';')
      .filter(Boolean)
      .map((each) => {
        const [name = '', label = ''] = each.split(/:(.*)/);
        return { name, label };
      }),
  };
}

export class Actions implements Disposable {
  readonly #release = new Disposables();
  #menuRow: Row | null = null;

  constructor(
    readonly root: HTMLElement,
    readonly rows: Rows,
    readonly picks: Picks,
    readonly ctx: Pick<Ctx, 'toast' | 'confirm'>,
  ) {
    this.#release.add(listen(document, 'menu:open' as 'click', (event) => this.#fillMenu(event)));
    this.#release.add(listen(document, 'click', (event) => void this.#click(event)));
  }

  dispose(): void {
    this.#release.dispose();
  }

  /** The page of a row, which is also where its actions live. */
  pageOf(row: Row): string {
    return (
      row.element.querySelector<HTMLAnchorElement>('.c-name a')?.pathname ?? `/containers/${row.facts.id}/`
    );
  }

  #rowOf(element: Element | null): Row | null {
    const id = element?.closest<HTMLElement>('tr.row')?.dataset.id;
    return id ? (this.rows.rows.get(shortId(id)) ?? null) : null;
  }

  /** Points the shared menu at the row whose button opens it, and shows only what suits its state. */
  #fillMenu(event: Event): void {
    const { opener } = (event as unknown as CustomEvent<{ opener: HTMLElement }>).detail;
    const row = this.#rowOf(opener);
    const menu = event.target as HTMLElement;
    if (!row || !this.root.contains(opener)) return;
    this.#menuRow = row;
    menu.setAttribute('aria-label', `Actions for ${row.facts.name}`);
    for (const link of menu.querySelectorAll<HTMLAnchorElement>('a[data-path]')) {
      link.href = `${this.pageOf(row)}${link.dataset.path ?? ''}`;
    }
    for (const item of menu.querySelectorAll<HTMLElement>('[data-when]')) {
      item.hidden = !item.dataset.when?.split(/[ ,]+/).includes(row.facts.state);
    }
    for (const item of menu.querySelectorAll<HTMLElement>('[data-copy-field]')) {
      item.dataset.copy = row.element.dataset[item.dataset.copyField ?? 'id'] ?? '';
    }
  }

  async #click(event: Event): Promise<void> {
    const bulk = hit(event, '[data-bulk]');
    if (bulk) {
      await this.#actOnMany(bulk, bulk.dataset.bulk ?? '', this.picks.ids);
      return;
    }
    const button = hit(event, '[data-act]');
    if (!button) return;
    const verb = button.dataset.act ?? '';
    const row = this.root.contains(button)
      ? this.#rowOf(button)
      : button.closest('.menu')
        ? this.#menuRow
        : null;
    if (row) await this.#actOnOne(button, verb, row);
    else if (button.closest('tr.grp')) {
      const project = button.closest('tbody')?.dataset.project ?? '';
      await this.#actOnMany(
        button,
        verb,
        this.rows.members(project).map((facts) => facts.id),
      );
    }
  }

  async #ask(button: HTMLElement, names: readonly string[]): Promise<Record<string, string> | null> {
    const asked = question(button, names);
    if (asked === null) return {};
    const chosen = await this.ctx.confirm(asked);
    return chosen && Object.fromEntries([...chosen].map((name) => [name, '1']));
  }

  async #actOnOne(button: HTMLElement, verb: string, row: Row): Promise<void> {
    const values = await this.#ask(button, [row.facts.name]);
    if (values) await post(`${this.pageOf(row)}${verb}`, button, values);
  }

  async #actOnMany(button: HTMLElement, verb: string, ids: readonly string[]): Promise<void> {
    if (ids.length === 0 || button.getAttribute('aria-busy') === 'true') return;
    const rows = ids.map((id) => this.rows.rows.get(id)).filter((row) => row !== undefined);
    const values = await this.#ask(
      button,
      rows.map((row) => row.facts.name),
    );
    if (!values) return;
    const fields = new URLSearchParams(values);
    for (const row of rows) fields.append('ids', row.element.dataset.id ?? '');
    button.setAttribute('aria-busy', 'true');
    const { status, body } = await requestJson<BulkAnswer>(`${BULK_URL}${verb}`, fields);
    button.removeAttribute('aria-busy');
    this.#report(verb, status, body);
  }

  /** One toast for what worked, one that names each that did not and why; those stay ticked. */
  #report(verb: string, status: number, answer: BulkAnswer | null): void {
    if (!answer) {
      const text = status === 0 ? 'The server did not answer.' : `The server answered with status ${status}.`;
      this.ctx.toast('bad', `Could not ${verb} the containers`, text);
      return;
    }
    const failed = answer.results.filter((result) => !result.ok);
    const done = answer.results.length - failed.length;
    if (done > 0) this.ctx.toast('ok', `${verb}: ${count(done, 'container')} done`);
    if (failed.length > 0) {
      const lines = failed.map((result) => `${result.name}: ${result.message}`);
      this.ctx.toast('bad', `${verb}: ${count(failed.length, 'container')} failed`, lines.join('\n'));
    }
    for (const result of answer.results) if (result.ok) this.picks.selection.forget(shortId(result.id));
    this.picks.tell();
  }
}
