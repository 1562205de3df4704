/** The containers list as data: which rows show, in which groups and order, for what the viewer asked. No DOM. */

export type SortKey = 'name' | 'state' | 'image' | 'created' | 'cpu' | 'memory' | 'network';
export type StateView = 'all' | 'running' | 'unhealthy' | 'stopped';

/** What the server wrote into a row's data attributes. */
export interface RowFacts {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Compose project; empty for a container of its own. */
  readonly project: string;
  /** The Engine's word: running, exited, … */
  readonly state: string;
  /** healthy, unhealthy, starting or empty. */
  readonly health: string;
  /** Unix seconds. */
  readonly created: number;
  /** Lower-case words that the free-text filter looks into. */
  readonly search: string;
}

/** The last measured figures of a container; rates per second. */
export interface Figures {
  readonly cpu: number | null;
  readonly memory: number | null;
  readonly network: number | null;
}

export interface View {
  readonly q: string;
  readonly state: StateView;
  readonly sort: SortKey;
  readonly descending: boolean;
  readonly grouped: boolean;
}

export interface Group {
  /** Compose project; empty for containers without one, and for everything when not grouped. */
  readonly name: string;
  /** All its rows in order, those that the filter hides too: hiding a row must not move any. */
  readonly ids: readonly string[];
}

export interface Arrangement {
  readonly groups: readonly Group[];
  /** All rows in the view's order, whatever their groups. */
  readonly order: readonly string[];
  /** The rows that pass the filter and the state view. */
  readonly shown: ReadonlySet<string>;
  /** Rows per state view that pass the free text, for the numbers on the segments. */
  readonly counts: Readonly<Record<StateView, number>>;
}

export interface RollUp {
  readonly running: number;
  readonly total: number;
  /** Sums over the members that have processes; null while any of them has no figures: a part is not a sum. */
  readonly cpu: number | null;
  readonly memory: number | null;
}

export const DEFAULT_VIEW: View = { q: '', state: 'all', sort: 'name', descending: false, grouped: true };

const VIEWS: readonly StateView[] = ['all', 'running', 'unhealthy', 'stopped'];
const SORTS: readonly SortKey[] = ['name', 'state', 'image', 'created', 'cpu', 'memory', 'network'];
const LIVE_SORTS: ReadonlySet<SortKey> = new Set(['cpu', 'memory', 'network']);
const STOPPED: ReadonlySet<string> = new Set(['exited', 'created', 'dead']);
/** Worst first: what an operator looks for when sorting by state. */
const STATE_ORDER = [
  'unhealthy',
  'restarting',
  'dead',
  'starting',
  'running',
  'paused',
  'removing',
  'exited',
];

const byText = new Intl.Collator('en', { numeric: true, sensitivity: 'base' }).compare;

/** Whether the order depends on figures that change every second. */
export function isLive(sort: SortKey): boolean {
  return LIVE_SORTS.has(sort);
}

/** The one word for a row's condition: a failing or unfinished health check outranks `running`. */
export function badge(row: RowFacts): string {
  return row.state === 'running' && (row.health === 'unhealthy' || row.health === 'starting')
    ? row.health
    : row.state;
}

/** Whether it has processes, and so figures. */
export function hasFigures(row: RowFacts): boolean {
  return row.state === 'running' || row.state === 'paused';
}

/** The same rule as the server's (`ListView.shows`). */
export function inView(row: RowFacts, view: StateView): boolean {
  if (view === 'running') return badge(row) === 'running' || badge(row) === 'starting';
  if (view === 'unhealthy') return badge(row) === 'unhealthy';
  if (view === 'stopped') return STOPPED.has(row.state);
  return true;
}

type Comparison = (a: RowFacts, b: RowFacts) => number;

function comparison(view: View, figures: ReadonlyMap<string, Figures>): Comparison {
  const sign = view.descending ? -1 : 1;
  const figure = (row: RowFacts) => {
    const known = figures.get(row.id);
    const value = view.sort === 'cpu' ? known?.cpu : view.sort === 'memory' ? known?.memory : known?.network;
    return value ?? -1; // without figures: below everything that has some
  };
  const keys: Record<SortKey, Comparison> = {
    name: (a, b) => byText(a.name, b.name),
    state: (a, b) => STATE_ORDER.indexOf(badge(a)) - STATE_ORDER.indexOf(badge(b)),
    image: (a, b) => byText(a.image, b.image),
    created: (a, b) => a.created - b.created,
    cpu: (a, b) => figure(a) - figure(b),
    memory: (a, b) => figure(a) - figure(b),
    network: (a, b) => figure(a) - figure(b),
  };
  const key = keys[view.sort];
  return (a, b) => sign * key(a, b) || byText(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

/** Groups follow the order of their best row, except by name: then by the project's name, loose containers last. */
function orderGroups(groups: Group[], view: View): Group[] {
  if (view.sort !== 'name') return groups;
  const sign = view.descending ? -1 : 1;
  return groups.sort((a, b) => {
    if (a.name === '' || b.name === '') return a.name === '' ? 1 : -1;
    return sign * byText(a.name, b.name);
  });
}

/** Works out what to show. `rows` may come in any order; the last one's is quickest. */
export function arrange(
  rows: Iterable<RowFacts>,
  figures: ReadonlyMap<string, Figures>,
  view: View,
): Arrangement {
  const all = [...rows].sort(comparison(view, figures));
  const byGroup = new Map<string, string[]>();
  for (const row of all) {
    const name = view.grouped ? row.project : '';
    const ids = byGroup.get(name);
    if (ids) ids.push(row.id);
    else byGroup.set(name, [row.id]);
  }
  const groups = Array.from(byGroup, ([name, ids]) => ({ name, ids }));
  return { groups: orderGroups(groups, view), order: all.map((row) => row.id), ...filter(all, view) };
}

/** Which of the rows pass, and how many would pass in each state view. */
export function filter(rows: Iterable<RowFacts>, view: View): Pick<Arrangement, 'shown' | 'counts'> {
  const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
  const counts: Record<StateView, number> = { all: 0, running: 0, unhealthy: 0, stopped: 0 };
  const shown = new Set<string>();
  for (const row of rows) {
    if (!words.every((word) => row.search.includes(word))) continue;
    for (const state of VIEWS) if (inView(row, state)) counts[state]++;
    if (inView(row, view.state)) shown.add(row.id);
  }
  return { shown, counts };
}

/** What a group's header says about all its members, filtered out or not. */
export function rollUp(members: Iterable<RowFacts>, figures: ReadonlyMap<string, Figures>): RollUp {
  let running = 0;
  let measured = 0;
  let total = 0;
  let cpu: number | null = 0;
  let memory: number | null = 0;
  for (const row of members) {
    total++;
    if (row.state === 'running') running++;
    if (!hasFigures(row)) continue;
    measured++;
    const known = figures.get(row.id);
    cpu = cpu === null || known?.cpu == null ? null : cpu + known.cpu;
    memory = memory === null || known?.memory == null ? null : memory + known.memory;
  }
  return measured > 0 ? { running, total, cpu, memory } : { running, total, cpu: null, memory: null };
}

/** Reads the view from a page's query string, ignoring what it does not understand (the server refuses it). */
export function viewFromQuery(params: URLSearchParams): View {
  const sort = params.get('sort') ?? '';
  const key = sort.replace(/^-/, '') as SortKey;
  const state = (params.get('view') ?? '') as StateView;
  return {
    q: params.get('q') ?? '',
    state: VIEWS.includes(state) ? state : 'all',
    sort: SORTS.includes(key) ? key : 'name',
    descending: SORTS.includes(key) && sort.startsWith('-'),
    grouped: params.get('group') !== '0',
  };
}

/** Writes the view into a query string beside the Engine's own filters; defaults are left out. */
export function viewToQuery(view: View, params: URLSearchParams): void {
  const put = (name: string, value: string) => {
    if (value === '') params.delete(name);
    else params.set(name, value);
  };
  put('q', view.q.trim());
  put('view', view.state === 'all' ? '' : view.state);
  put('sort', view.sort === 'name' && !view.descending ? '' : `${view.descending ? '-' : ''}${view.sort}`);
  put('group', view.grouped ? '' : '0');
}

/** The next sort after a click on a column: figures start with the largest, words with A; a second click turns it. */
export function sortBy(view: View, key: SortKey): View {
  const descending = view.sort === key ? !view.descending : isLive(key) || key === 'created';
  return { ...view, sort: key, descending };
}
