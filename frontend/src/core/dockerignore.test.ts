import { describe, expect, it } from 'vitest';
import { DockerIgnore, readPatterns } from './dockerignore';

describe('lines', () => {
  it('drops comments and empty lines, cleans paths, keeps the !', () => {
    const text = '\ufeff# all\n\n  src/ \n/abs//path/\n!  ./keep/../keep/me\r\n#no\n*.log\n';
    expect(readPatterns(text)).toEqual(['src', 'abs/path', '!keep/me', '*.log']);
  });
});

/** Patterns (separated by spaces), a path, and whether it is left out; as Docker's client decides. */
const table: ReadonlyArray<readonly [string, string, boolean]> = [
  ['node_modules', 'node_modules', true],
  ['node_modules', 'node_modules/a/b.js', true],
  ['node_modules', 'sub/node_modules/a.js', false],
  ['**/node_modules', 'sub/node_modules/a.js', true],
  ['**/node_modules', 'node_modules', true],
  ['*.log', 'a.log', true],
  ['*.log', 'sub/a.log', false],
  ['**/*.log', 'a.log', true],
  ['**/*.log', 'x/y/a.log', true],
  ['**', 'anything/at/all', true],
  ['**/', 'anything', true],
  ['out/**', 'out/a', true],
  ['out/**', 'out/a/b', true],
  ['out/**', 'out', false],
  ['out/*', 'out/a/b', true],
  ['*/temp*', 'one/temporary.txt', true],
  ['*/temp*', 'one/two/temporary.txt', false],
  ['*/*/temp*', 'one/two/temporary.txt', true],
  ['temp?', 'tempa', true],
  ['temp?', 'temp', false],
  ['a?c', 'a/c', false],
  ['x**/*.txt', 'x/deep/er/f.txt', true],
  ['**file', 'myfile', true],
  ['**file', 'dir/file', true],
  ['**/file', 'myfile', false],
  ['**/a/b', 'x/a/b', true],
  ['x[b-d]z', 'xcz', true],
  ['x[b-d]z', 'xaz', false],
  ['x[^b-d]z', 'xaz', true],
  ['x[^b-d]z', 'xcz', false],
  ['file.txt', 'fileXtxt', false],
  ['a+b(c)|{d}$', 'a+b(c)|{d}$', true],
  [String.raw`lit\*eral`, 'lit*eral', true],
  [String.raw`lit\*eral`, 'litXeral', false],
  ['* !README.md', 'README.md', false],
  ['* !README.md', 'src/a.js', true],
  ['* !src', 'src/deep/a.js', false],
  ['** !src/*.js', 'src/a.js', false],
  ['** !src/*.js', 'src/a.css', true],
  ['*.md !README*.md README-secret.md', 'README.md', false],
  ['*.md !README*.md README-secret.md', 'README-secret.md', true],
  ['*.md README-secret.md !README*.md', 'README-secret.md', false],
  ['!README.md *.md', 'README.md', true],
  ['docs !docs/keep', 'docs/keep/a', false],
  ['* ', 'Dockerfile', false],
  ['**', '.dockerignore', false],
  ['ünï*', 'ünïcode', true],
];

describe('decisions', () => {
  it.each(table)('%s leaves %s out: %s', (patterns, path, expected) => {
    expect(new DockerIgnore(patterns.split(' ').join('\n')).ignores(path)).toBe(expected);
  });

  it('keeps the Dockerfile that is asked for', () => {
    const rules = new DockerIgnore('**', 'deploy/app.Dockerfile');
    expect(rules.ignores('deploy/app.Dockerfile')).toBe(false);
    expect(rules.ignores('Dockerfile')).toBe(true);
  });

  it('leaves nothing out without a file', () => {
    expect(new DockerIgnore('').ignores('a')).toBe(false);
  });

  it.each(['!', 'a[', '['])('refuses %s', (line) => {
    expect(() => new DockerIgnore(line)).toThrow('.dockerignore');
  });
});
