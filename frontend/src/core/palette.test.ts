import { describe, expect, it } from 'vitest';
import { fuzzy } from './fuzzy';
import { type Command, search, step } from './palette';

function best(query: string, texts: string[]): string[] {
  return texts
    .map((text) => ({ text, match: fuzzy(query, text) }))
    .filter((each) => each.match !== null)
    .sort((a, b) => (b.match?.score ?? 0) - (a.match?.score ?? 0))
    .map((each) => each.text);
}

describe('fuzzy', () => {
  it('needs the letters in order', () => {
    expect(fuzzy('bow', 'web')).toBeNull();
    expect(fuzzy('wb', 'web')?.positions).toEqual([0, 2]);
  });

  it('prefers beginnings, then words, then initials, then the middle of words', () => {
    expect(best('api', ['capability', 'a-pretty-image', 'shop-api-1', 'api'])).toEqual([
      'api',
      'shop-api-1',
      'a-pretty-image',
      'capability',
    ]);
    expect(best('sp', ['grasp', 'shop-postgres'])).toEqual(['shop-postgres', 'grasp']);
  });

  it('takes words in any order', () => {
    expect(fuzzy('logs api', 'Logs of shop-api-1')).not.toBeNull();
    expect(fuzzy('api logs', 'Logs of shop-api-1')).not.toBeNull();
    expect(fuzzy('api stats', 'Logs of shop-api-1')).toBeNull();
  });

  it('matches anything for an empty query', () => {
    expect(fuzzy(' ', 'x')?.positions).toEqual([]);
  });
});

const command = (section: string, label: string, keywords = ''): Command => ({
  id: label,
  section,
  label,
  keywords,
  icon: 'box',
});

describe('palette search', () => {
  const commands = [
    command('Actions', 'New container'),
    command('Containers', 'shop-api-1', 'ghcr.io/acme/api'),
    command('Containers', 'traefik', 'proxy'),
    command('Go to', 'Containers'),
  ];

  it('keeps the order without a query', () => {
    expect(search(commands, '').map((section) => section.title)).toEqual(['Actions', 'Containers', 'Go to']);
  });

  it('puts the section with the best match first', () => {
    expect(search(commands, 'cont').map((section) => section.title)).toEqual(['Go to', 'Actions']);
  });

  it('finds by keywords, after labels, without highlighting', () => {
    const [section] = search(commands, 'proxy');
    expect(section?.entries[0]).toMatchObject({ command: { label: 'traefik' }, positions: [] });
  });

  it('shows a handful per section', () => {
    const many = Array.from({ length: 50 }, (_, n) => command('Containers', `web-${n}`));
    expect(search(many, 'web')[0]?.entries).toHaveLength(8);
  });

  it('moves round', () => {
    expect([step(0, -1, 3), step(2, 1, 3), step(0, 1, 0)]).toEqual([2, 0, 0]);
  });
});
