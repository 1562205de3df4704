/**
 * A JSON document to look through: fold, search, copy a path or a value. Only the lines on screen are in the page.
 *
 * `<div data-widget="json-view" data-source="id">` reads the `<script type="application/json" id="id">` that Django's
 * `json_script` wrote (it may be inside).
 */
import { type Disposable, Disposables } from '../core/disposable';
import { count } from '../core/format';
import { type JsonNode, JsonTree } from '../core/json-tree';
import { el, icon } from '../dom/elements';
import { hit, listen } from '../dom/listen';
import type { Ctx } from '../registry';

const LINE_HEIGHT = 22;
const OVERSCAN = 12;
const INDENT_PX = 18;
const LONGEST_SHOWN = 2_000;
const SEARCH_DELAY_MS = 120;

const CLASS_OF: Readonly<Record<string, string>> = { string: 'js', number: 'jn', boolean: 'jb', null: 'jb' };

function summary(node: JsonNode): string {
  return node.kind === 'array' ? `[ ${count(node.size, 'item')} ]` : `{ ${count(node.size, 'key')} }`;
}

/** Text with every occurrence of `wanted` marked. */
function marked(text: string, wanted: string): Array<Node | string> {
  if (wanted === '') return [text];
  const parts: Array<Node | string> = [];
  const lower = text.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(wanted); at >= 0; at = lower.indexOf(wanted, from)) {
    parts.push(text.slice(from, at), el('mark', {}, text.slice(at, at + wanted.length)));
    from = at + wanted.length;
  }
  return [...parts, text.slice(from)];
}

class JsonView implements Disposable {
  readonly #release = new Disposables();
  readonly #tree: JsonTree;
  readonly #input = el('input', {
    class: 'input',
    type: 'search',
    placeholder: 'Search keys and values',
    'aria-label': 'Search in the JSON',
    'data-find-in-page': true,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #hits = el('span', { class: 'hits num', role: 'status' });
  readonly #lines = el('div', { class: 'json-lines' });
  readonly #scroller = el(
    'div',
    { class: 'json-scroll', role: 'tree', tabindex: '0', 'aria-label': 'JSON' },
    this.#lines,
  );
  #visible: number[] = [];
  #cursor = 0;
  #found: number[] = [];
  #current = -1;
  #searchTimer = 0;

  constructor(readonly root: HTMLElement) {
    const source = document.getElementById(root.dataset.source ?? '');
    this.#tree = new JsonTree(JSON.parse(source?.textContent ?? 'null'));
    root.append(this.#toolbar(), this.#scroller);
    this.#release.add(listen(this.#input, 'input', () => this.#searchSoon()));
    this.#release.add(listen(this.#input, 'keydown', (event) => this.#searchKey(event)));
    this.#release.add(listen(this.#scroller, 'scroll', () => this.#draw(), { passive: true }));
    this.#release.add(listen(this.#scroller, 'click', (event) => this.#click(event)));
    this.#release.add(listen(this.#scroller, 'keydown', (event) => this.#key(event)));
    const resized = new ResizeObserver(() => this.#draw());
    resized.observe(this.#scroller);
    this.#release.add(() => resized.disconnect());
    this.#release.add(() => window.clearTimeout(this.#searchTimer));
    this.#relist();
  }

  dispose(): void {
    this.#release.dispose();
    this.#scroller.remove();
    this.root.querySelector('.json-tools')?.remove();
  }

  #toolbar(): HTMLElement {
    const button = (label: string, name: string, run: () => void) => {
      const made = el(
        'button',
        { type: 'button', class: 'btn icon', 'aria-label': label, title: label },
        icon(name),
      );
      this.#release.add(listen(made, 'click', run));
      return made;
    };
    const all = el(
      'button',
      { type: 'button', class: 'btn ghost', 'data-copy': this.#tree.text(0) },
      icon('copy'),
      'Copy all',
    );
    return el(
      'div',
      { class: 'tools json-tools' },
      el('div', { class: 'field' }, icon('search'), this.#input, this.#hits),
      button('Previous match', 'arrow-up', () => this.#step(-1)),
      button('Next match', 'arrow-down', () => this.#step(1)),
      el('span', { class: 'grow' }),
      this.#textButton('Expand all', true),
      this.#textButton('Collapse all', false),
      all,
    );
  }

  #textButton(label: string, open: boolean): HTMLElement {
    const made = el('button', { type: 'button', class: 'btn ghost' }, label);
    this.#release.add(
      listen(made, 'click', () => {
        this.#tree.setAllOpen(open);
        this.#relist();
      }),
    );
    return made;
  }

  /** Something folded: work out the lines anew. */
  #relist(): void {
    this.#visible = this.#tree.visible();
    this.#lines.style.height = `${this.#visible.length * LINE_HEIGHT}px`;
    this.#draw();
  }

  #draw(): void {
    const first = Math.max(0, Math.floor(this.#scroller.scrollTop / LINE_HEIGHT) - OVERSCAN);
    const last = Math.ceil((this.#scroller.scrollTop + this.#scroller.clientHeight) / LINE_HEIGHT) + OVERSCAN;
    const rows = this.#visible.slice(first, last).map((index, i) => this.#line(index, first + i));
    this.#lines.replaceChildren(...rows);
    const active = this.#lines.querySelector('[data-cursor]');
    if (active) this.#scroller.setAttribute('aria-activedescendant', active.id);
  }

  #line(index: number, at: number): HTMLElement {
    const node = this.#tree.nodes[index] as JsonNode;
    const folds = node.size > 0;
    const line = el('div', {
      id: `json-${index}`,
      class: index === this.#current ? 'json-line current' : 'json-line',
      role: 'treeitem',
      'aria-level': String(Math.max(1, node.depth)),
      'data-index': String(index),
      'data-cursor': index === this.#cursor,
      ...(folds ? { 'aria-expanded': String(this.#tree.isOpen(index)) } : {}),
    });
    line.style.top = `${at * LINE_HEIGHT}px`;
    line.style.paddingInlineStart = `${Math.max(0, node.depth - 1) * INDENT_PX}px`;
    line.append(
      folds ? icon('chevron-right', true) : el('span', { class: 'gap' }),
      ...this.#content(node),
      ...this.#copies(index),
    );
    return line;
  }

  #content(node: JsonNode): Node[] {
    const wanted = this.#input.value.trim().toLowerCase();
    const parts: Node[] = [];
    if (node.key !== '')
      parts.push(el('span', { class: 'jk' }, ...marked(node.key, wanted)), document.createTextNode(': '));
    if (node.kind === 'object' || node.kind === 'array')
      parts.push(el('span', { class: 'sum' }, summary(node)));
    else {
      const text = typeof node.value === 'string' ? JSON.stringify(node.value) : String(node.value);
      const shown = text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}…` : text;
      parts.push(el('span', { class: CLASS_OF[node.kind] ?? 'js' }, ...marked(shown, wanted)));
    }
    return parts;
  }

  #copies(index: number): Node[] {
    const path = this.#tree.path(index);
    return [
      el(
        'button',
        {
          type: 'button',
          class: 'btn icon sm',
          tabindex: '-1',
          'data-copy-value': String(index),
          'aria-label': `Copy the value of ${path}`,
          title: 'Copy value',
        },
        icon('copy', true),
      ),
      el(
        'button',
        {
          type: 'button',
          class: 'btn icon sm',
          tabindex: '-1',
          'data-copy': path,
          'aria-label': `Copy the path ${path}`,
          title: `Copy path ${path}`,
        },
        icon('variable', true),
      ),
    ];
  }

  #click(event: MouseEvent): void {
    const index = Number(hit(event, '.json-line')?.dataset.index ?? -1);
    if (index < 0) return;
    const copy = hit(event, '[data-copy-value]');
    // Values are large: they are put on the button only when it is pressed, for widgets/copy.ts further up.
    if (copy) copy.dataset.copy = this.#tree.text(index);
    else if (!hit(event, 'button') && document.getSelection()?.isCollapsed !== false) {
      this.#cursor = index;
      this.#toggle(index, !this.#tree.isOpen(index));
    }
  }

  #toggle(index: number, open: boolean): void {
    if ((this.#tree.nodes[index]?.size ?? 0) > 0) this.#tree.setOpen(index, open);
    this.#relist();
  }

  #key(event: KeyboardEvent): void {
    const at = Math.max(0, this.#visible.indexOf(this.#cursor));
    const node = this.#tree.nodes[this.#cursor];
    const isOpen = this.#tree.isOpen(this.#cursor);
    const moves: Record<string, () => void> = {
      ArrowDown: () => this.#moveTo(this.#visible[Math.min(at + 1, this.#visible.length - 1)]),
      ArrowUp: () => this.#moveTo(this.#visible[Math.max(0, at - 1)]),
      Home: () => this.#moveTo(this.#visible[0]),
      End: () => this.#moveTo(this.#visible.at(-1)),
      ArrowRight: () =>
        node?.size && !isOpen ? this.#toggle(this.#cursor, true) : this.#moveTo(this.#visible[at + 1]),
      ArrowLeft: () =>
        node?.size && isOpen ? this.#toggle(this.#cursor, false) : this.#moveTo(node?.parent),
      Enter: () => this.#toggle(this.#cursor, !isOpen),
    };
    const move = moves[event.key];
    if (!move || event.target !== this.#scroller) return;
    event.preventDefault();
    move();
  }

  #moveTo(index: number | undefined): void {
    if (index === undefined || index < 0) return;
    this.#cursor = index;
    this.#scrollTo(index);
    this.#draw();
  }

  #scrollTo(index: number): void {
    const top = this.#visible.indexOf(index) * LINE_HEIGHT;
    const { scrollTop, clientHeight } = this.#scroller;
    if (top < scrollTop || top > scrollTop + clientHeight - 2 * LINE_HEIGHT) {
      this.#scroller.scrollTop = Math.max(0, top - clientHeight / 3);
    }
  }

  #searchSoon(): void {
    window.clearTimeout(this.#searchTimer);
    this.#searchTimer = window.setTimeout(() => {
      this.#found = this.#tree.search(this.#input.value.trim());
      this.#current = -1;
      if (this.#found.length > 0) this.#step(1);
      else this.#tell();
    }, SEARCH_DELAY_MS);
  }

  #searchKey(event: KeyboardEvent): void {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    this.#step(event.shiftKey ? -1 : 1);
  }

  #step(by: number): void {
    if (this.#found.length === 0) return;
    const at = this.#found.indexOf(this.#current) + by;
    this.#current = this.#found[(at + this.#found.length) % this.#found.length] ?? -1;
    this.#cursor = this.#current;
    this.#tree.reveal(this.#current);
    this.#relist();
    this.#scrollTo(this.#current);
    this.#tell();
  }

  #tell(): void {
    const at = this.#found.indexOf(this.#current) + 1;
    const none = this.#input.value.trim() === '' ? '' : 'none';
    this.#hits.textContent = this.#found.length > 0 ? `${at} of ${this.#found.length}` : none;
    this.#draw();
  }
}

export function mount(element: HTMLElement, _ctx: Ctx): Disposable {
  return new JsonView(element);
}
