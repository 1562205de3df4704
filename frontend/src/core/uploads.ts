/**
 * What an upload of files sends: a line of JSON that lists them, then their contents one after the other. Many files
 * go in several requests, each small enough for the server to check its list as a whole.
 */

export interface LocalFile<Content> {
  /** Relative to the folder that is uploaded into, with forward slashes. */
  readonly path: string;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly content: Content;
}

export interface Chosen<Content> {
  readonly files: ReadonlyArray<LocalFile<Content>>;
  /** Folders that hold nothing; the others follow from the files. */
  readonly folders: readonly string[];
}

export interface Batch<Content> {
  readonly parts: ReadonlyArray<string | Content>;
  readonly files: number;
  /** Bytes of the contents. */
  readonly size: number;
}

const FILES_AT_ONCE = 2_000;
const LIST_AT_ONCE = 400_000;
/** Looking up the permissions of what is replaced takes a call each: below this many it is done for all. */
const FEW = 50;

/** The names at the top of what was chosen that are there already. */
export function collisions(chosen: Chosen<unknown>, existing: ReadonlySet<string>): string[] {
  const tops = [...chosen.files.map((file) => file.path), ...chosen.folders].map((path) => topOf(path));
  return [...new Set(tops)].filter((top) => existing.has(top)).sort();
}

function topOf(path: string): string {
  return path.split('/', 1)[0] ?? '';
}

/** The requests, in order. `existing` are the names in the folder now. */
export function batches<Content>(
  chosen: Chosen<Content>,
  existing: ReadonlySet<string>,
): Array<Batch<Content>> {
  const few = chosen.files.length <= FEW;
  const made: Array<Batch<Content>> = [];
  let folders = [...chosen.folders];
  let list: string[] = [];
  let contents: Content[] = [];
  let length = 0;
  let size = 0;
  const finish = () => {
    if (list.length === 0 && folders.length === 0) return;
    const head = `{"folders":${JSON.stringify(folders)},"files":[${list.join(',')}]}\n`;
    made.push({ parts: [head, ...contents], files: list.length, size });
    folders = [];
    list = [];
    contents = [];
    length = 0;
    size = 0;
  };
  for (const file of chosen.files) {
    const entry = describe(file, existing, few);
    if (list.length >= FILES_AT_ONCE || length + entry.length > LIST_AT_ONCE) finish();
    list.push(entry);
    contents.push(file.content);
    length += entry.length;
    size += file.size;
  }
  finish();
  return made;
}

function describe(file: LocalFile<unknown>, existing: ReadonlySet<string>, few: boolean): string {
  const replaces = existing.has(topOf(file.path)) && (few || !file.path.includes('/'));
  const entry = { path: file.path, size: file.size, mtime: Math.max(0, Math.floor(file.mtime / 1000)) };
  return JSON.stringify(replaces ? { ...entry, replace: true } : entry);
}

/** How fast, over the last few seconds: a speed over the whole time would hide a stall. */
export class Speed {
  readonly #seen: Array<readonly [at: number, sent: number]> = [];

  /** Bytes a second; `at` in milliseconds. */
  at(at: number, sent: number): number {
    this.#seen.push([at, sent]);
    while (this.#seen.length > 2 && at - (this.#seen[0]?.[0] ?? at) > 3_000) this.#seen.shift();
    const [then, before] = this.#seen[0] ?? [at, sent];
    return at > then ? ((sent - before) * 1_000) / (at - then) : 0;
  }
}
