/**
 * A command line as people type it, taken apart into the argument list that the Engine gets. No shell sees it: quotes
 * and backslashes group words as in sh, everything else ($, |, >, *, ~) is an ordinary character.
 */

export class CommandError extends Error {}

const NUL = '\0';

/** Splits `text` into arguments. Throws `CommandError` with words for the person who typed it. */
export function splitCommand(text: string): string[] {
  if (text.includes(NUL)) throw new CommandError('A command cannot contain a NUL character.');
  const args: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string;
    if (/\s/.test(char)) {
      if (word !== null) args.push(word);
      word = null;
      at++;
      continue;
    }
    const [part, next] = takePart(text, at);
    word = (word ?? '') + part;
    at = next;
  }
  if (word !== null) args.push(word);
  return args;
}

/** One quoted or plain piece that starts at `at`: its text, and where it ends. */
function takePart(text: string, at: number): [string, number] {
  const char = text[at] as string;
  if (char === "'") {
    const end = text.indexOf("'", at + 1);
    if (end < 0) throw new CommandError("A ' is not closed.");
    return [text.slice(at + 1, end), end + 1];
  }
  if (char === '"') return takeDoubleQuoted(text, at + 1);
  if (char !== '\\') return [char, at + 1];
  const next = text[at + 1];
  if (next === undefined) throw new CommandError('The command ends with a \\ that quotes nothing.');
  return [next, at + 2];
}

/** Inside double quotes a backslash quotes only `"` and itself, as in sh. */
function takeDoubleQuoted(text: string, start: number): [string, number] {
  let part = '';
  for (let at = start; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') return [part, at + 1];
    const next = text[at + 1];
    if (char === '\\' && (next === '"' || next === '\\')) {
      part += next;
      at++;
    } else part += char;
  }
  throw new CommandError('A " is not closed.');
}

/** The arguments as one line that `splitCommand` takes apart into the same arguments. */
export function joinCommand(args: readonly string[]): string {
  return args.map(quote).join(' ');
}

function quote(arg: string): string {
  if (arg !== '' && /^[\w@%+=:,./~$|<>*?[\]{}()!#&;^-]+$/.test(arg)) return arg;
  return arg.includes("'") ? `"${arg.replace(/["\\]/g, '\\$&')}"` : `'${arg}'`;
}

/** What a tab is called: the program without its folder. */
export function programName(args: readonly string[]): string {
  const first = args[0] ?? '';
  return first.slice(first.lastIndexOf('/') + 1) || first || 'shell';
}

/** `NAME=value` per line; empty lines are skipped. Throws `CommandError` for a line without a name. */
export function parseEnvironment(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const kept = lines.filter((line) => line.trim() !== '').map((line) => line.trimStart());
  for (const line of kept) {
    if (!/^[^=\s]+=/.test(line)) throw new CommandError(`“${line.slice(0, 40)}” is not NAME=value.`);
  }
  return kept;
}
