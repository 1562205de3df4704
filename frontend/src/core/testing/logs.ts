/** What tests of the log view need: the Engine's bytes, made by hand. */

const encoder = new TextEncoder();

/** One frame of Docker's multiplexed stream. */
export function frame(stream: number, text: string): Uint8Array {
  const payload = encoder.encode(text);
  const out = new Uint8Array(8 + payload.length);
  out[0] = stream;
  new DataView(out.buffer).setUint32(4, payload.length);
  out.set(payload, 8);
  return out;
}

export function bytesOf(...parts: ReadonlyArray<Uint8Array | string>): Uint8Array {
  const all = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const out = new Uint8Array(all.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of all) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The Engine's spelling of a time: nine digits of fraction. */
export function stamp(sec: number, nano = 0): string {
  return `${new Date(sec * 1000).toISOString().slice(0, 19)}.${String(nano).padStart(9, '0')}Z`;
}

/** A log message as the Engine frames it when timestamps are asked for. */
export function message(sec: number, text: string, nano = 0, stream = 1): Uint8Array {
  return frame(stream, `${stamp(sec, nano)} ${text}\n`);
}
