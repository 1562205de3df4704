/**
 * What the list's buttons do: `[data-act="start"]` in a row or in the shared row menu acts on one container,
 * `[data-bulk="stop"]` on the ticked ones, `[data-act]` in a group's header on its members. A button asks first when it has
 * `data-confirm="Remove {name}?"` (`{name}` becomes the name or "3 containers"; more attributes in confirm-dialog.ts;
 * `data-confirm-choices="force:Kill it if it runs;v:Remove its anonymous volumes"` become form fields).
 */
import { type Disposable, Disposables } from '../../core/disposable';
import { count } from '../../core/format';
import { explainStatus } from '../../core/status';
import { hit, listen } from '../../dom/listen';
import { openers } from '../../dom/openers';
import { requestJson } from '../../dom/request';
import type { Ctx, Question } from '../../registry';
import type { Picks } from './picks';
import { type Row, type Rows, shortId } from './rows';

const BULK_URL = '/containers/bulk/';

interface Result {
  readonly id: string;
  readonly name: string;
  readonly ok: boolean;
  readonly message: string;
}

interface BulkAnswer {
  readonly results: readonly Result[];
}

const PAST: Readonly<Record<string, string>> = {
  start: 'Started',
  stop: 'Stopped',
  restart: 'Restarted',
  kill: 'Killed',
  pause: 'Paused',
  unpause: 'Unpaused',
  remove: 'Removed',
};

function nameOrCount(results: readonly Result[]): string {
  return results.length === 1 ? (results[0]?.name ?? '') : count(results.length, 'container');
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

  constructor(
    readonly table: HTMLElement,
    readonly rows: Rows,
    readonly picks: Picks,
    readonly ctx: Pick<Ctx, 'toast' | 'confirm'>,
  ) {
    this.#release.add(
      listen(document, 'menu:open' as 'click', (event) => this.#fillMenu(event.target as HTMLElement)),
    );
    this.#release.add(listen(document, 'click', (event) => void this.#click(event)));
    // Somebody was quicker than this script.
    for (const menu of document.querySelectorAll<HTMLElement>('.menu:popover-open')) this.#fillMenu(menu);
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

  /** Points a shared menu at the row or project whose button opens it, and shows only what suits its state. */
  #fillMenu(menu: HTMLElement): void {
    const opener = openers.get(menu) ?? null;
    const row = this.table.contains(opener) ? this.#rowOf(opener) : null;
    if (!row) return;
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
    if (bulk?.dataset.bulk === 'logs') {
      const ids = this.#rowsOf(this.picks.ids).map((row) => row.facts.id);
      location.assign(`/logs/?${new URLSearchParams(ids.map((id) => ['id', id]))}`);
      return;
    }
    if (bulk) {
      await this.#act(bulk, bulk.dataset.bulk ?? '', this.#rowsOf(this.picks.ids));
      return;
    }
    const button = hit(event, '[data-act]');
    const menu = button?.closest('.menu');
    const place = menu ? openers.get(menu) : button;
    if (!button || !place || !this.table.contains(place)) return;
    await this.#act(button, button.dataset.act ?? '', this.#rowsAt(place));
  }

  /** The row that a button is in, or all rows of the project whose header it is in. */
  #rowsAt(place: HTMLElement): Row[] {
    const row = this.#rowOf(place);
    if (row) return [row];
    const project = place.closest('tbody')?.dataset.project ?? '';
    return this.#rowsOf(this.rows.members(project).map((facts) => facts.id));
  }

  async #ask(button: HTMLElement, names: readonly string[]): Promise<Record<string, string> | null> {
    const asked = question(button, names);
    if (asked === null) return {};
    const chosen = await this.ctx.confirm(asked);
    return chosen && Object.fromEntries([...chosen].map((name) => [name, '1']));
  }

  #rowsOf(ids: readonly string[]): Row[] {
    return ids.map((id) => this.rows.rows.get(id)).filter((row) => row !== undefined);
  }

  async #act(button: HTMLElement, verb: string, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0 || button.getAttribute('aria-busy') === 'true') return;
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
      const { title, text } = explainStatus(status);
      this.ctx.toast('bad', title, text);
      return;
    }
    const done = answer.results.filter((result) => result.ok);
    const failed = answer.results.filter((result) => !result.ok);
    if (done.length > 0) this.ctx.toast('ok', `${PAST[verb] ?? verb} ${nameOrCount(done)}`);
    if (failed.length > 0) {
      const lines = failed.map((result) => `${result.name}: ${result.message}`);
      this.ctx.toast('bad', `Could not ${verb} ${nameOrCount(failed)}`, lines.join('\n'));
    }
    for (const result of done) this.picks.selection.forget(shortId(result.id));
    this.picks.tell();
  }
}
