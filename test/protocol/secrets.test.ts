import { describe, expect, it } from 'vitest';
import { maskSecrets } from '../../src/protocol/secrets.ts';

const KEY = 'sk-0123456789';
const STARS = '*'.repeat(KEY.length);

describe('a masked text', () => {
  it.each([
    [`Incorrect key ${KEY}: see https://x/?key=${KEY}&a=1`, `Incorrect key ${STARS}: see https://x/?key=${STARS}&a=1`],
    ['nothing secret', 'nothing secret'],
    ['', ''],
  ])('%s', (text, masked) => {
    expect(maskSecrets(text, [KEY, 'another-secret'])).toBe(masked);
  });

  it('hides the beginning of a secret that the end cuts off', () => {
    expect(maskSecrets(`key ${KEY.slice(0, 10)}`, [KEY])).toBe('key **********');
    expect(maskSecrets('the disk-', [KEY])).toBe('the disk-');
  });
});
