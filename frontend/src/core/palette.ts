/** What the command palette shows for a query, and where its cursor is. */
import { fuzzy } from './fuzzy';

export interface Command {
  readonly id: string;
  readonly section: string;
  readonly icon: string;
  readonly label: string;
  /** Shown at the right: a state, a shortcut. */
  readonly hint?: string;
  /** Searched as well, shown nowhere: image, id, synonyms. */
  readonly keywords?: string;
  readonly href?: string;
  readonly run?: () => void;
}

export interface Entry {
  readonly command: Command;
  readonly positions: readonly number[];
}

export interface Section {
  readonly title: string;
  readonly entries: readonly Entry[];
}

const SECTION_LIMIT = 8;
const KEYWORD_DISCOUNT = 0.5;

function rank(query: string, command: Command): { score: number; entry: Entry } | null {
  const byLabel = fuzzy(query, command.label);
  if (byLabel) return { score: byLabel.score, entry: { command, positions: byLabel.positions } };
  const byAll = fuzzy(query, `${command.label} ${command.keywords ?? ''}`);
  return byAll ? { score: byAll.score * KEYWORD_DISCOUNT, entry: { command, positions: [] } } : null;
}

/**
 * The sections for a query: best matches first within a section, the section with the best match first.
 * Without a query everything is in the order given, each section cut to a handful.
 */
export function search(commands: readonly Command[], query: string): Section[] {
  const sections = new Map<string, { best: number; entries: Array<{ score: number; entry: Entry }> }>();
  for (const command of commands) {
    const ranked = rank(query, command);
    if (!ranked) continue;
    const section = sections.get(command.section) ?? { best: Number.NEGATIVE_INFINITY, entries: [] };
    section.best = Math.max(section.best, ranked.score);
    section.entries.push(ranked);
    sections.set(command.section, section);
  }
  const ordered = [...sections];
  if (query.trim() !== '') {
    ordered.sort((a, b) => b[1].best - a[1].best);
    for (const [, section] of ordered) section.entries.sort((a, b) => b.score - a.score);
  }
  return ordered.map(([title, section]) => ({
    title,
    entries: section.entries.slice(0, SECTION_LIMIT).map((ranked) => ranked.entry),
  }));
}

/** The cursor's next place among `length` entries; it goes round. */
export function step(cursor: number, by: number, length: number): number {
  return length === 0 ? 0 : (((cursor + by) % length) + length) % length;
}
