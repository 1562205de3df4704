/**
 * OSC 52, by which a program in a terminal reaches for the clipboard: `<selection>;<base64>` to write, `?` to read.
 * Reading is never answered; writing becomes an offer that a person may take.
 */

const LARGEST = 100_000;

/** The text that is offered; null for a request to read, for nonsense and for too much. */
export function readOffer(data: string): string | null {
  const payload = data.slice(data.indexOf(';') + 1);
  if (!data.includes(';') || payload === '' || payload === '?' || payload.length > LARGEST) return null;
  try {
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes) || null;
  } catch {
    return null;
  }
}

/** The beginning of a text on one line, with what cannot be seen made visible. */
export function preview(text: string, length = 60): string {
  const visible = text.replace(/\p{Cc}/gu, (char) => (char === '\n' ? '↵' : '·'));
  return visible.length > length ? `${visible.slice(0, length)}…` : visible;
}
