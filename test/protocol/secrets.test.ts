import { describe, expect, it } from 'vitest';
import { maskSecrets, spellingsOf } from '../../src/protocol/secrets.ts';

const KEY = 'sk-0123456789';
const STARS = '*'.repeat(KEY.length);

describe('maskSecrets', () => {
  it.each([
    [`Incorrect key ${KEY}: see https://x/?key=${KEY}&a=1`, `Incorrect key ${STARS}: see https://x/?key=${STARS}&a=1`],
    ['nothing secret', 'nothing secret'],
    ['', ''],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text, [KEY, 'another-secret'])).toBe(masked);
  });

  it('masks the beginning of a secret that the end cuts off', () => {
    expect(maskSecrets(`key ${KEY.slice(0, 10)}`, [KEY])).toBe('key **********');
    expect(maskSecrets('the disk-', [KEY])).toBe('the disk-');
  });
});

describe('maskSecrets finds a secret', () => {
  const SECRET = 'sk-"ü/+?~key-0123456789';
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  it.each<[string, string]>([
    ['as it is', SECRET],
    ['in JSON', JSON.stringify(SECRET)],
    ['in JSON of PHP', JSON.stringify(SECRET).replaceAll('/', '\\/')],
    ['in a URL', encodeURIComponent(SECRET)],
    ['in a URL in small letters', encodeURIComponent(SECRET).toLowerCase().replaceAll('sk-', 'sk-')],
    [
      'in a URL in which every sign is escaped',
      encodeURIComponent(SECRET).replaceAll('-', '%2D').replaceAll('~', '%7E'),
    ],
    ['in a URL in which all is escaped', [...Buffer.from(SECRET)].map((byte) => `%${byte.toString(16)}`).join('')],
    ['in base64', base64(SECRET)],
    ['in base64 after one byte', base64(`:${SECRET}`)],
    ['in base64 after two', base64(`a:${SECRET}@`)],
    ['in base64 of a header', base64(`Authorization: Bearer ${SECRET}\r\n`)],
    ['in base64 for URLs', Buffer.from(`me:${SECRET}`).toString('base64url')],
    ['in base64 within a URL', encodeURIComponent(base64(`me:${SECRET}`))],
  ])('%s', (_name, text) => {
    const masked = maskSecrets(`before ${text} after`, spellingsOf(SECRET));
    expect(masked).toMatch(/^before .* after$/);
    expect(masked).toHaveLength(`before ${text} after`.length);
    expect(masked.match(/\*+/)?.[0].length).toBeGreaterThanOrEqual(SECRET.length);
    // At most the characters that hold bits of a neighbour, two on each side, and what frames it are left.
    expect(masked).not.toMatch(/0123|456789|MDEy|NDU2|Q1Njc4|wMTIz|%30%31/);
  });
});

describe('maskSecrets of the account at the provider (organization, project)', () => {
  it.each([
    [
      'Limit reached in organization org-AbCdEf123 on tokens per min',
      'Limit reached in organization org-********* on tokens per min',
    ],
    ['for gpt-4o in project proj_a1B2c3D4.', 'for gpt-4o in project proj_********.'],
    ['an org-level, org-specific and cyborg-200000 limit', 'an org-level, org-specific and cyborg-200000 limit'],
  ])('masks: %s', (text, masked) => {
    expect(maskSecrets(text, [])).toBe(masked);
  });
});
