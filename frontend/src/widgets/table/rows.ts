/** The rows on the page: what the server sent, in the order and groups that `core/table.ts` works out. */
import { type Arrangement, arrange, type Figures, filter, type RowFacts, type View } from '../../core/table';
import { tellAges } from '../../dom/ages';
import { morph, parseFragment } from '../../dom/htmx';
import { linkPorts } from './ports';

export interface Row {
  readonly element: HTMLTableRowElement;
  facts: RowFacts;
}

const SHORT_ID = 12;

/** The twelve digits that name a row everywhere on the page. */
export function shortId(id: string): string {
  return id.slice(0, SHORT_ID);
}

function factsOf(element: HTMLTableRowElement): RowFacts {
  const data = element.dataset;
  return {
    id: shortId(data.id ?? ''),
    name: data.name ?? '',
    image: data.image ?? '',
    project: data.project ?? '',
    state: data.state ?? '',
    health: data.health ?? '',
    created: Number(data.created),
    search: data.search ?? '',
  };
}

/** Moves a node without resetting what it holds (focus, an open menu), where the browser can. */
function moveInto(parent: Element, node: Element, before: Element | null): void {
  if ('moveBefore' in parent && node.isConnected) {
    (parent as Element & { moveBefore(node: Node, before: Node | null): void }).moveBefore(node, before);
  } else parent.insertBefore(node, before);
}

/** The header of a group. It comes first: looking for it would search all rows of a group that has none. */
function headerOf(body: Element | undefined): Element | null {
  const first = body?.firstElementChild ?? null;
  return first?.matches('tr.grp') ? first : null;
}

export class Rows {
  readonly rows = new Map<string, Row>();
  /** In the order they had last, new ones at the end: what is nearly sorted is sorted quickly. */
  #sorted: Row[] = [];
  #bodies = new Map<string, HTMLTableSectionElement>();
  #arrangement: Arrangement = {
    groups: [],
    order: [],
    shown: new Set(),
    counts: { all: 0, running: 0, unhealthy: 0, stopped: 0 },
  };
  #folded = new Set<string>();

  constructor(readonly table: HTMLTableElement) {
    for (const body of table.tBodies) {
      this.#bodies.set(body.dataset.project ?? '', body);
      for (const element of body.querySelectorAll<HTMLTableRowElement>('tr.row')) this.#adopt(element);
    }
  }

  get arrangement(): Arrangement {
    return this.#arrangement;
  }

  /** Rows as they are on screen, top to bottom. */
  get visible(): string[] {
    return this.#arrangement.groups.flatMap((group) =>
      this.#folded.has(group.name) ? [] : group.ids.filter((id) => this.#arrangement.shown.has(id)),
    );
  }

  facts(): RowFacts[] {
    return this.#sorted.map((row) => row.facts);
  }

  members(project: string): RowFacts[] {
    return this.facts().filter((facts) => facts.project === project);
  }

  header(project: string): Element | null {
    return headerOf(this.#bodies.get(project));
  }

  headers(): Element[] {
    return Array.from(this.#bodies.values(), headerOf).filter((header) => header !== null);
  }

  /** Takes rows as the server rendered them; returns the ids of those that are new or changed. */
  put(html: string): string[] {
    const changed: string[] = [];
    for (const fresh of [...parseFragment(html).querySelectorAll<HTMLTableRowElement>('tr.row')]) {
      const known = this.rows.get(shortId(fresh.dataset.id ?? ''));
      if (known && known.element.dataset.v === fresh.dataset.v) continue;
      if (known) {
        morph(known.element, fresh);
        known.facts = factsOf(known.element);
        this.#finish(known.element);
        changed.push(known.facts.id);
      } else changed.push(this.#adopt(fresh).facts.id);
    }
    return changed;
  }

  remove(ids: Iterable<string>): string[] {
    const gone = [...ids].filter((id) => {
      this.rows.get(id)?.element.remove();
      return this.rows.delete(id);
    });
    if (gone.length > 0) this.#sorted = this.#sorted.filter((row) => this.rows.has(row.facts.id));
    return gone;
  }

  /** Forgets every row that is not in `ids`; returns which. */
  keepOnly(ids: readonly string[]): string[] {
    const wanted = new Set(ids);
    return this.remove([...this.rows.keys()].filter((id) => !wanted.has(id)));
  }

  /** The header of a project as the server rendered it; null when the project is gone. */
  putGroup(project: string, html: string | null): void {
    const body = this.#bodies.get(project);
    if (html === null) {
      if (body?.querySelector('tr.row') === null) {
        body.remove();
        this.#bodies.delete(project);
      }
      return;
    }
    const fresh = parseFragment(html).querySelector('tr');
    if (!fresh) return;
    const header = headerOf(body);
    if (header) morph(header, fresh);
    else this.#ensureBody(project).prepend(fresh);
  }

  fold(project: string, folded: boolean): void {
    if (folded) this.#folded.add(project);
    else this.#folded.delete(project);
    this.#bodies.get(project)?.querySelector('.fold')?.setAttribute('aria-expanded', String(!folded));
    this.#hide();
  }

  isFolded(project: string): boolean {
    return this.#folded.has(project);
  }

  /** Whether the page has a header for every project: a page that was loaded ungrouped has none. */
  get canGroup(): boolean {
    return this.facts().every((facts) => this.header(facts.project) !== null);
  }

  /** Puts everything where it belongs. Rows that stay where they are are not touched. */
  arrange(view: View, figures: ReadonlyMap<string, Figures>): void {
    const focused = document.activeElement;
    this.#arrangement = arrange(this.facts(), figures, view);
    this.#sorted = this.#arrangement.order.map((id) => this.rows.get(id)).filter((row) => row !== undefined);
    let before: Element | null = this.table.tBodies[0] ?? null;
    for (const group of this.#arrangement.groups) {
      const body = this.#ensureBody(group.name);
      if (body !== before) moveInto(this.table, body, before);
      before = body.nextElementSibling;
      this.#fill(body, group.ids);
    }
    this.#hide();
    if (focused instanceof HTMLElement && focused.isConnected && document.activeElement !== focused) {
      focused.focus({ preventScroll: true });
    }
  }

  /** Applies the free text and the state view only: nothing moves. */
  filter(view: View): void {
    this.#arrangement = { ...this.#arrangement, ...filter(this.facts(), view) };
    this.#hide();
  }

  #ensureBody(project: string): HTMLTableSectionElement {
    const known = this.#bodies.get(project);
    if (known) return known;
    const body = document.createElement('tbody');
    body.dataset.project = project;
    this.table.append(body);
    this.#bodies.set(project, body);
    return body;
  }

  #fill(body: HTMLTableSectionElement, ids: readonly string[]): void {
    const header = headerOf(body);
    let cursor = header ? header.nextElementSibling : body.firstElementChild;
    for (const id of ids) {
      const element = this.rows.get(id)?.element;
      if (!element) continue;
      // A row that left this place: step over it once instead of moving everything behind it.
      if (cursor !== element && cursor?.nextElementSibling === element) {
        const left = cursor;
        cursor = element;
        moveInto(body, left, null);
      }
      if (cursor === element) cursor = element.nextElementSibling;
      else moveInto(body, element, cursor);
    }
  }

  #hide(): void {
    const { groups, shown } = this.#arrangement;
    const used = new Set<HTMLTableSectionElement>();
    for (const group of groups) {
      const body = this.#bodies.get(group.name);
      if (!body) continue;
      used.add(body);
      const folded = this.#folded.has(group.name);
      let any = false;
      for (const id of group.ids) {
        const element = this.rows.get(id)?.element;
        const passes = shown.has(id);
        any ||= passes;
        if (element && element.hidden !== (!passes || folded)) element.hidden = !passes || folded;
      }
      if (body.hidden === any) body.hidden = !any;
    }
    for (const body of this.#bodies.values()) if (!used.has(body)) body.hidden = true;
  }

  #adopt(element: HTMLTableRowElement): Row {
    const row: Row = { element, facts: factsOf(element) };
    this.rows.set(row.facts.id, row);
    this.#sorted.push(row);
    this.#finish(element);
    return row;
  }

  #finish(element: HTMLTableRowElement): void {
    tellAges(element);
    linkPorts(element);
  }
}
