import { describe, expect, it } from 'vitest';
import { CONTINUES, LineAssembler, STDERR } from './logline';
import { instantText } from './logtime';
import { bytesOf, stamp } from './testing/logs';

interface Line {
  text: string;
  time: string;
  flags: number;
}

function collector(): { lines: Line[]; assembler: LineAssembler } {
  const lines: Line[] = [];
  const assembler = new LineAssembler((data, start, end, time, flags) =>
    lines.push({ text: new TextDecoder().decode(data.subarray(start, end)), time: instantText(time), flags }),
  );
  return { lines, assembler };
}

function frame(assembler: LineAssembler, stream: number, text: string): void {
  const data = bytesOf('junk\n', text, '\njunk');
  assembler.frame(stream, data, 5, data.length - 5);
}

describe('LineAssembler on frames', () => {
  it('separates time and text', () => {
    const { lines, assembler } = collector();
    frame(assembler, 1, `${stamp(1_764_000_000, 42)} hello\r\n`);
    frame(assembler, 2, `${stamp(1_764_000_001)} \n`);
    expect(lines).toEqual([
      { text: 'hello', time: '1764000000.000000042', flags: 0 },
      { text: '', time: '1764000001.000000000', flags: STDERR },
    ]);
  });

  it('joins the parts of a long line, streams interleaved', () => {
    const { lines, assembler } = collector();
    frame(assembler, 1, `${stamp(10)} ${'a'.repeat(16384)}`);
    frame(assembler, 2, `${stamp(11)} between\n`);
    frame(assembler, 1, `${stamp(10)} ${'b'.repeat(16384)}`);
    frame(assembler, 1, `${stamp(10)} end\n`);
    expect(lines.map((line) => line.text)).toEqual([
      'between',
      `${'a'.repeat(16384)}${'b'.repeat(16384)}end`,
    ]);
    expect(lines[1]?.time).toBe('10.000000000');
    expect(assembler.messages).toBe(4);
  });

  it('takes several lines in one frame, with and without a time', () => {
    const { lines, assembler } = collector();
    frame(assembler, 1, `${stamp(5)} one\ntwo\n${stamp(6)} three\n`);
    expect(lines.map((line) => [line.text, line.time])).toEqual([
      ['one', '5.000000000'],
      ['two', '5.000000000'],
      ['three', '6.000000000'],
    ]);
  });

  it('hands on what has no line feed when the stream ends', () => {
    const { lines, assembler } = collector();
    frame(assembler, 1, `${stamp(5)} no end`);
    expect(lines).toEqual([]);
    assembler.flush();
    expect(lines.map((line) => line.text)).toEqual(['no end']);
    assembler.flush();
    expect(lines).toHaveLength(1);
  });

  it('shows an endless line in pieces of bounded size', () => {
    const { lines, assembler } = collector();
    for (let i = 0; i < 200; i++) frame(assembler, 1, `${stamp(5)} ${'x'.repeat(16384)}`);
    frame(assembler, 1, `${stamp(5)} tail\n`);
    expect(lines.map((line) => [line.text.length, line.flags])).toEqual([
      [1 << 20, CONTINUES],
      [1 << 20, CONTINUES],
      [1 << 20, CONTINUES],
      [200 * 16384 - 3 * (1 << 20) + 4, 0],
    ]);
  });
});

describe('LineAssembler on a terminal', () => {
  const text = `${stamp(7, 1)} one\r\n${stamp(8)} \r\n${stamp(9)} drei €\r\n`;

  it.each([1, 3, 1000])('cuts lines from chunks of %i bytes', (step) => {
    const { lines, assembler } = collector();
    const data = bytesOf(text);
    for (let at = 0; at < data.length; at += step) assembler.raw(data.subarray(at, at + step));
    expect(lines.map((line) => [line.text, line.time])).toEqual([
      ['one', '7.000000001'],
      ['', '8.000000000'],
      ['drei €', '9.000000000'],
    ]);
  });

  it('closes the seams of a long line', () => {
    const { lines, assembler } = collector();
    const long = `${stamp(7)} ${'a'.repeat(16384)}${stamp(7)} ${'b'.repeat(16384)}${stamp(7)} c\n`;
    assembler.raw(bytesOf(long));
    expect(lines.map((line) => line.text)).toEqual([`${'a'.repeat(16384)}${'b'.repeat(16384)}c`]);
    expect(assembler.messages).toBe(3);
  });

  it('hands on the last line without a feed', () => {
    const { lines, assembler } = collector();
    assembler.raw(bytesOf(`${stamp(7)} $ `));
    assembler.flush();
    expect(lines.map((line) => line.text)).toEqual(['$ ']);
  });
});
