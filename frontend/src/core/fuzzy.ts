/** Matching as command palettes do it: the letters in order, best where words begin or letters run together. */

export interface Match {
  /** Higher is better; comparable between texts for the same query. */
  readonly score: number;
  /** Indexes of the matched characters, for highlighting. */
  readonly positions: readonly number[];
}

const WORD_START = 8;
const RUN = 6;
const PREFIX = 12;
const PER_CHARACTER = 1;
const SKIPPED = 0.2;

function startsWord(text: string, at: number): boolean {
  const before = text[at - 1];
  return before === undefined || /[\s\-_./:@]/.test(before);
}

/**
 * Matches one word of the query. For each letter it prefers, among the later places, a word start over the next
 * place, which is what people mean by abbreviations; it is greedy, so linear.
 */
function matchWord(word: string, text: string): Match | null {
  const whole = text.indexOf(word);
  if (whole >= 0) {
    const positions = Array.from(word, (_, i) => whole + i);
    const start = startsWord(text, whole) ? WORD_START : 0;
    return { score: word.length * (PER_CHARACTER + RUN) + start + (whole === 0 ? PREFIX : 0), positions };
  }
  const positions: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of word) {
    const at = nextPlace(letter, text, from);
    if (at < 0) return null;
    const runs = positions.length > 0 && at === from;
    score +=
      PER_CHARACTER + (startsWord(text, at) ? WORD_START : 0) + (runs ? RUN : 0) - (at - from) * SKIPPED;
    positions.push(at);
    from = at + 1;
  }
  return { score, positions };
}

function nextPlace(letter: string, text: string, from: number): number {
  const first = text.indexOf(letter, from);
  if (first === from) return first;
  for (let at = first; at >= 0; at = text.indexOf(letter, at + 1)) {
    if (startsWord(text, at)) return at;
  }
  return first;
}

/** Matches every word of `query` in `text`, any order, ignoring case; null when one is missing. */
export function fuzzy(query: string, text: string): Match | null {
  const lower = text.toLowerCase();
  let score = 0;
  const positions = new Set<number>();
  for (const word of query.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const match = matchWord(word, lower);
    if (match === null) return null;
    score += match.score;
    for (const at of match.positions) positions.add(at);
  }
  return { score: score - text.length / 100, positions: [...positions].sort((a, b) => a - b) };
}
