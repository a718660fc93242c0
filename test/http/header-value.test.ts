import { describe, expect, it } from 'vitest';
import { toHeaderList, toHeaderValue } from '../../src/http/header-value.ts';

const HOLDS = /^[ -~]*$/;

describe('toHeaderValue', () => {
  it.each([
    ['gpt-4o: rule a, order', 'gpt-4o: rule a, order'],
    ['模型', '%E6%A8%A1%E5%9E%8B'],
    ['a\r\nset-cookie: b', 'a%0D%0Aset-cookie: b'],
    ['\u0000\u001b[31m\u007f', '%00%1B[31m%7F'],
    ['😀', '%F0%9F%98%80'],
    ['\ud800', '%EF%BF%BD'],
    ['100%', '100%'],
  ])('encodes %j as %j', (text, value) => {
    expect(toHeaderValue(text)).toBe(value);
  });

  it('cuts a long value, and never inside of a percent-escape', () => {
    for (const text of ['x'.repeat(5000), '模'.repeat(5000), `x${'模'.repeat(5000)}`, `xx${'模'.repeat(5000)}`]) {
      const value = toHeaderValue(text);
      expect(value).toMatch(HOLDS);
      expect(value.length).toBeLessThanOrEqual(1000);
      expect(() => decodeURIComponent(value)).not.toThrow();
    }
  });
});

describe('toHeaderList', () => {
  it('puts commas between names', () => {
    expect(toHeaderList(['user', 'logit_bias', 'é'])).toBe('user, logit_bias, %C3%A9');
  });

  it('names how many are left out where there are thousands', () => {
    const value = toHeaderList(Array.from({ length: 50_000 }, (_, at) => `field-${at}`));
    expect(value).toMatch(/^field-0, field-1, .* and \d+ more$/);
    expect(value.length).toBeLessThan(1100);
  });
});
