import { describe, expect, it } from 'vitest';
import { CommandError, joinCommand, parseEnvironment, programName, splitCommand } from './terminal-argv';

describe('splitCommand', () => {
  it.each<[string, string[]]>([
    ['', []],
    ['   ', []],
    ['sh', ['sh']],
    ['  ls   -la\t/tmp \n', ['ls', '-la', '/tmp']],
    ["sh -c 'echo $HOME | wc'", ['sh', '-c', 'echo $HOME | wc']],
    ['echo "a b" c', ['echo', 'a b', 'c']],
    ['echo "say \\"hi\\" \\\\ \\n"', ['echo', 'say "hi" \\ \\n']],
    ["a'b c'd", ['ab cd']],
    ["''", ['']],
    ['"" x', ['', 'x']],
    ['a\\ b', ['a b']],
    ["it\\'s", ["it's"]],
    ['echo $X ~ * > f', ['echo', '$X', '~', '*', '>', 'f']],
    ['echo "ü 猫"', ['echo', 'ü 猫']],
  ])('%j', (text, args) => {
    expect(splitCommand(text)).toEqual(args);
  });

  it.each(["echo 'a", 'echo "a', 'echo \\', 'a\0b'])('refuses %j', (text) => {
    expect(() => splitCommand(text)).toThrow(CommandError);
  });
});

describe('joinCommand', () => {
  it.each([
    [['sh', '-c', 'echo $HOME']],
    [['']],
    [["it's", 'a"b', 'c\\d', 'e\'f"g\\h']],
    [['new\nline', 'tab\t']],
    [['ü', '猫 x']],
  ])('%j comes back from splitCommand', (args) => {
    expect(splitCommand(joinCommand(args))).toEqual(args);
  });

  it('leaves plain words as they are', () => {
    expect(joinCommand(['/bin/ls', '-la', '--color=auto'])).toBe('/bin/ls -la --color=auto');
  });
});

it('names a tab after the program', () => {
  expect(programName(['/bin/bash', '-l'])).toBe('bash');
  expect(programName(['top'])).toBe('top');
  expect(programName([])).toBe('shell');
});

describe('parseEnvironment', () => {
  it('takes one variable a line', () => {
    expect(parseEnvironment('A=1\n\n  B=x=y \r\nC=\n')).toEqual(['A=1', 'B=x=y ', 'C=']);
  });

  it.each(['A', '=x', 'a b=c'])('refuses %j', (text) => {
    expect(() => parseEnvironment(text)).toThrow(CommandError);
  });
});
