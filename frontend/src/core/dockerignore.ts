/**
 * `.dockerignore` as Docker's own client reads it (moby/patternmatcher): one pattern per line, `#` comments, `!` takes back,
 * the last match wins, and what lies below a match is matched. `*` and `?` stop at a slash, `**` does not.
 */

interface Pattern {
  readonly takesBack: boolean;
  matches(path: string): boolean;
}

const SPECIAL = new Set([...'.+()|{}$']);

/** Go's filepath.Clean, with slashes. */
function clean(path: string): string {
  const rooted = path.startsWith('/');
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '..' || !rooted) parts.push(part);
  }
  return (rooted ? '/' : '') + parts.join('/') || (rooted ? '/' : '.');
}

/** The lines that mean something, cleaned; taken-back ones keep their `!`. */
export function readPatterns(text: string): string[] {
  const patterns: string[] = [];
  for (const raw of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    if (raw.startsWith('#')) continue;
    let line = raw.trim();
    if (line === '') continue;
    const takesBack = line.startsWith('!');
    if (takesBack) line = line.slice(1).trim();
    if (line.length > 0) {
      line = clean(line);
      if (line.length > 1 && line.startsWith('/')) line = line.slice(1);
    }
    patterns.push(takesBack ? `!${line}` : line);
  }
  return patterns;
}

/** Decides by a pattern's text. Throws for a `[` that does not end. */
function compile(pattern: string): (path: string) => boolean {
  if (/^\*\*[^*?[\]\\]*$/.test(pattern)) {
    // Docker takes a leading ** and plain text for an ending: **file is the end of myfile, too.
    const ending = pattern.slice(2);
    return (path) => path.endsWith(ending) || (ending.startsWith('/') && path === ending.slice(1));
  }
  const regex = new RegExp(`^${expression(pattern)}$`, 's');
  return (path) => regex.test(path);
}

/** A pattern's characters as a regular expression. */
function expression(pattern: string): string {
  let regex = '';
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern.charAt(i);
    if (c === '*' && pattern.charAt(i + 1) === '*') {
      i++;
      if (pattern.charAt(i + 1) === '/') i++;
      regex += i + 1 >= pattern.length ? '.*' : '(?:.*/)?';
    } else if (c === '*') regex += '[^/]*';
    else if (c === '?') regex += '[^/]';
    else if (SPECIAL.has(c)) regex += `\\${c}`;
    else if (c === '^') regex += pattern.charAt(i - 1) === '[' ? '^' : '\\^';
    else if (c === '\\') regex += i + 1 < pattern.length ? escaped(pattern.charAt(++i)) : '\\\\';
    else regex += c;
  }
  return regex;
}

function escaped(c: string): string {
  return /\w/.test(c) ? c : `\\${c}`;
}

/** Decides which files of a context are left out. */
export class DockerIgnore {
  readonly #patterns: readonly Pattern[];

  constructor(text: string, dockerfile = 'Dockerfile') {
    const lines = readPatterns(text);
    const own = lines.map(DockerIgnore.#parse);
    // Docker's client sends these two whatever the file says: the Engine needs them, and leaves them out itself.
    const always = ['.dockerignore', clean(dockerfile)].map((name) => ({
      takesBack: true,
      matches: (path: string) => path === name,
    }));
    this.#patterns = [...own, ...always];
  }

  static #parse(line: string): Pattern {
    const takesBack = line.startsWith('!');
    const text = takesBack ? line.slice(1) : line;
    if (text === '') throw new Error('.dockerignore: a lone ! means nothing');
    try {
      return { takesBack, matches: compile(text) };
    } catch {
      throw new Error(`.dockerignore: “${line}” is not a pattern`);
    }
  }

  /** Whether a path (relative, forward slashes) is left out. */
  ignores(path: string): boolean {
    const parts = path.split('/');
    const candidates = [path, ...parts.slice(0, -1).map((_, i) => parts.slice(0, i + 1).join('/'))];
    let matched = false;
    for (const pattern of this.#patterns) {
      if (pattern.takesBack !== matched) continue;
      if (candidates.some((candidate) => pattern.matches(candidate))) matched = !pattern.takesBack;
    }
    return matched;
  }
}
