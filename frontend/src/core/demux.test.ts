import { describe, expect, it } from 'vitest';
import { Demux, FrameError } from './demux';
import { bytesOf, frame } from './testing/logs';

function decode(chunks: Uint8Array[]): { frames: Array<[number, string]>; pending: boolean } {
  const demux = new Demux();
  const frames: Array<[number, string]> = [];
  for (const chunk of chunks) {
    demux.feed(chunk, (stream, data, start, end) =>
      frames.push([stream, new TextDecoder().decode(data.subarray(start, end))]),
    );
  }
  return { frames, pending: demux.pending };
}

const whole = bytesOf(frame(1, 'one\n'), frame(2, ''), frame(2, 'zwei €\n'), frame(3, 'x'.repeat(70_000)));
const expected = [
  [1, 'one\n'],
  [2, ''],
  [2, 'zwei €\n'],
  [3, 'x'.repeat(70_000)],
];

describe('Demux', () => {
  it('takes whole frames', () => {
    expect(decode([whole])).toEqual({ frames: expected, pending: false });
  });

  it.each([1, 2, 3, 7, 8, 9, 1000])('takes frames cut every %i bytes', (step) => {
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += step) chunks.push(whole.subarray(at, at + step));
    expect(decode(chunks)).toEqual({ frames: expected, pending: false });
  });

  it('knows when a frame was cut', () => {
    expect(decode([whole.subarray(0, whole.length - 1)]).pending).toBe(true);
    expect(decode([whole.subarray(0, 5)]).pending).toBe(true);
  });

  it.each([
    ['an unknown stream', [4, 0, 0, 0, 0, 0, 0, 1, 65]],
    ['text', [...new TextEncoder().encode('HTTP/1.0 200 OK')]],
    ['a frame of 4 GiB', [1, 0, 0, 0, 255, 255, 255, 255, 65]],
  ])('refuses %s', (_, bytes) => {
    expect(() => decode([Uint8Array.from(bytes)])).toThrow(FrameError);
    expect(() => decode(bytes.map((byte) => Uint8Array.of(byte)))).toThrow(FrameError);
  });
});
