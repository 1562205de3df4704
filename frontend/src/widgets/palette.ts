/**
 * The command palette (Ctrl-K, `[data-palette]`): containers by name, pages, and actions; on a container's page its
 * own actions first. What it offers comes from `/palette.json`, from the page itself and from the sidebar.
 */
import { type Command, type Entry, type Section, search, step } from '../core/palette';
import { el, icon } from '../dom/elements';
import { addShortcuts } from '../dom/keyboard';
import { hit } from '../dom/listen';
import { requestJson } from '../dom/request';

/** What `/palette.json` answers (dockerui/web/views/palette.py). */
interface Offered {
  readonly actions: ReadonlyArray<{ label: string; icon: string; href: string; words: string }>;
  readonly containers: ReadonlyArray<{ name: string; state: string; href: string; words: string }>;
}

let offered: Offered = { actions: [], containers: [] };

function actions(): Command[] {
  return offered.actions.map(({ words, ...rest }) => ({
    ...rest,
    id: rest.href,
    section: 'Actions',
    keywords: words,
  }));
}

/** Each container, and the pages people go to most often from elsewhere. */
function containers(): Command[] {
  const pages = offered.containers.flatMap(({ name, href }) => [
    {
      id: `${href}logs/`,
      section: 'Logs and terminals',
      icon: 'scroll-text',
      label: `Logs of ${name}`,
      href: `${href}logs/`,
    },
    {
      id: `${href}terminal/`,
      section: 'Logs and terminals',
      icon: 'square-terminal',
      label: `Terminal in ${name}`,
      href: `${href}terminal/`,
    },
  ]);
  const themselves = offered.containers.map(({ name, state, href, words }) => ({
    id: href,
    section: 'Containers',
    icon: 'box',
    label: name,
    hint: state,
    keywords: words,
    href,
  }));
  return [...themselves, ...pages];
}

function iconOf(element: Element): string {
  return element.querySelector('svg use')?.getAttribute('href')?.split('#')[1] ?? 'chevron-right';
}

function pageCommand(element: HTMLElement, section: string): Command | null {
  const label = (element.dataset.command || element.textContent || '').trim().replace(/\s+/g, ' ');
  const isOutOfReach =
    element.hidden || element.matches(':disabled') || getComputedStyle(element).display === 'none';
  if (label === '' || isOutOfReach) return null;
  return { id: `${section} ${label}`, section, icon: iconOf(element), label, run: () => element.click() };
}

/**
 * What this page offers by itself: every `[data-command]`, and every button, link and menu item inside
 * `[data-commands="shop-web-1"]`, whose value is the section's title.
 */
function fromPage(): Command[] {
  const found: Array<Command | null> = [];
  for (const element of document.querySelectorAll<HTMLElement>('[data-command]')) {
    found.push(pageCommand(element, 'On this page'));
  }
  for (const place of document.querySelectorAll<HTMLElement>('[data-commands]')) {
    const items = 'form button, a[role=menuitem], button[role=menuitem], :scope > :is(a, [data-bulk])';
    for (const element of place.querySelectorAll<HTMLElement>(items)) {
      found.push(pageCommand(element, place.dataset.commands || 'On this page'));
    }
  }
  return found.filter((command) => command !== null);
}

function fromSidebar(): Command[] {
  return Array.from(document.querySelectorAll<HTMLAnchorElement>('.side .nav a[href]'), (link) => ({
    id: link.href,
    section: 'Go to',
    icon: iconOf(link),
    label: (link.firstElementChild?.nextSibling?.textContent ?? link.textContent ?? '').trim(),
    href: link.href,
  }));
}

function always(): Command[] {
  return [
    {
      id: 'theme',
      section: 'Actions',
      icon: 'moon',
      label: 'Switch theme',
      keywords: 'dark light',
      run: () => document.querySelector<HTMLElement>('[data-theme-toggle]')?.click(),
    },
  ];
}

function commands(): Command[] {
  const all = [...fromPage(), ...actions(), ...always(), ...containers(), ...fromSidebar()];
  return [...new Map(all.map((command) => [command.id, command])).values()];
}

/** The label with the matched characters marked. */
function labelled(entry: Entry): HTMLElement {
  const marked = new Set(entry.positions);
  const label = el('span');
  let run = '';
  let runMarked = false;
  const flush = () => {
    if (run) label.append(runMarked ? el('mark', {}, run) : run);
    run = '';
  };
  Array.from(entry.command.label).forEach((letter, i) => {
    if (marked.has(i) !== runMarked) flush();
    runMarked = marked.has(i);
    run += letter;
  });
  flush();
  return label;
}

class Palette {
  #cursor = 0;
  #entries: Entry[] = [];
  readonly #input = el('input', {
    type: 'text',
    role: 'combobox',
    'aria-expanded': 'true',
    'aria-controls': 'palette-list',
    'aria-autocomplete': 'list',
    'aria-label': 'Search containers, pages and actions',
    placeholder: 'Search containers, pages, actions…',
    autocomplete: 'off',
    spellcheck: 'false',
  });
  readonly #list = el('ul', { id: 'palette-list', role: 'listbox', 'aria-label': 'Results' });
  readonly #dialog = el(
    'dialog',
    { class: 'palette', 'aria-label': 'Command palette' },
    el('div', { class: 'pin' }, icon('search'), this.#input, el('kbd', {}, 'esc')),
    this.#list,
    el(
      'footer',
      { 'aria-hidden': 'true' },
      el('span', {}, el('kbd', {}, '↑'), el('kbd', {}, '↓'), ' move'),
      el('span', {}, el('kbd', {}, '↵'), ' open'),
      el('span', {}, el('kbd', {}, 'esc'), ' close'),
    ),
  );

  constructor() {
    document.body.append(this.#dialog);
    this.#input.addEventListener('input', () => this.#show());
    this.#dialog.addEventListener('keydown', (event) => this.#key(event));
    this.#list.addEventListener('click', (event) => {
      const option = hit(event, '[role=option]');
      if (option) this.#choose(Number(option.dataset.index), event.ctrlKey || event.metaKey);
    });
    this.#list.addEventListener('pointermove', (event) => {
      const option = hit(event, '[role=option]');
      if (option) this.#move(Number(option.dataset.index));
    });
  }

  toggle(): void {
    if (this.#dialog.open) {
      this.#dialog.close();
      return;
    }
    this.#input.value = '';
    this.#show();
    this.#dialog.showModal();
    void this.#refresh();
  }

  async #refresh(): Promise<void> {
    const { body } = await requestJson<Offered>('/palette.json');
    if (!body) return;
    offered = body;
    if (this.#dialog.open) this.#show(this.#cursor);
  }

  #show(cursor = 0): void {
    const sections = search(commands(), this.#input.value);
    this.#entries = sections.flatMap((section) => section.entries);
    let index = 0;
    const nodes = sections.flatMap((section) => [
      this.#heading(section),
      ...section.entries.map((entry) => this.#option(entry, index++)),
    ]);
    if (nodes.length === 0) nodes.push(el('li', { class: 'none', role: 'presentation' }, 'Nothing matches.'));
    this.#list.replaceChildren(...nodes);
    this.#cursor = -1;
    this.#move(Math.min(cursor, Math.max(0, this.#entries.length - 1)));
  }

  #heading(section: Section): HTMLLIElement {
    return el('li', { class: 'sec', role: 'presentation' }, section.title);
  }

  #option(entry: Entry, index: number): HTMLLIElement {
    return el(
      'li',
      { id: `palette-${index}`, role: 'option', 'aria-selected': 'false', 'data-index': String(index) },
      icon(entry.command.icon),
      labelled(entry),
      el('small', {}, entry.command.hint ?? ''),
    );
  }

  #move(to: number): void {
    if (to === this.#cursor) return;
    document.getElementById(`palette-${this.#cursor}`)?.setAttribute('aria-selected', 'false');
    this.#cursor = to;
    const option = document.getElementById(`palette-${to}`);
    option?.setAttribute('aria-selected', 'true');
    option?.scrollIntoView({ block: 'nearest' });
    if (option) this.#input.setAttribute('aria-activedescendant', option.id);
    else this.#input.removeAttribute('aria-activedescendant');
  }

  #key(event: KeyboardEvent): void {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) this.#move(step(this.#cursor, by, this.#entries.length));
    else if (event.key === 'Enter') this.#choose(this.#cursor, event.ctrlKey || event.metaKey);
    else return;
    event.preventDefault();
  }

  #choose(index: number, newTab: boolean): void {
    const command = this.#entries[index]?.command;
    if (!command) return;
    this.#dialog.close();
    if (command.run) command.run();
    else if (command.href && newTab) window.open(command.href, '_blank', 'noopener');
    else if (command.href) location.assign(command.href);
  }
}

export function installPalette(): void {
  let palette: Palette | null = null;
  const toggle = () => {
    palette ??= new Palette();
    palette.toggle();
    return undefined;
  };
  document.addEventListener('click', (event) => {
    if (hit(event, '[data-palette]')) toggle();
  });
  addShortcuts({ keys: 'mod+k', group: 'Everywhere', does: 'Search or run a command', run: toggle });
}
