import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { maskedText } from '../../src/config/masked-text.ts';

const SECRET = 'MARKEDKEY-1234567890';

/** Every place where a secret may stand in a file that loads. */
const PLACES: readonly string[] = [
  `providers: { up: { kind: openai, api_key: ${SECRET} } }`,
  `providers: { up: { kind: openai, api_keys: ["${SECRET}", '${SECRET}'] } }`,
  `providers: { up: { kind: openai, api_key: "\${KEY:-${SECRET}}" } }`,
  `providers: { up: { kind: openai, api_key: "prefix-\${KEY}-${SECRET}" } }`,
  `providers: { up: { kind: openai, headers: { authorization: Bearer ${SECRET} } } }`,
  `providers: { up: { kind: openai, base_url: "https://user:${SECRET}@host/v1" } }`,
  `providers: { up: { kind: openai, base_url: "https://host/v1?key=${SECRET}" } }`,
  `providers: { up: { kind: openai, base_url: "https://host/${SECRET}/v1" } }`,
  `providers:\n  up:\n    kind: openai\n    api_key: >-\n      ${SECRET}\n    rescue: off\n`,
  `providers:\n  up:\n    kind: openai\n    api_key: |\n      ${SECRET}\n`,
  `providers:\n  up:\n    kind: openai\n    api_key: "${SECRET.slice(0, 9)}\\\n      ${SECRET.slice(9)}"\n`,
  `providers:\n  up: &up { kind: openai, api_key: &key ${SECRET} }\n  two: { <<: *up, rescue: off }\n  three: { kind: openai, api_key: *key }\n`,
  `models: { m: { provider: up, notes: &note ${SECRET} } }\nproviders: { up: { kind: openai, api_key: *note } }`,
  `providers: { up: { kind: openai } } # once: api_key: ${SECRET}`,
  `# api_key: ${SECRET}\nproviders: { up: { kind: openai } }`,
  `providers:\n  up:\n    kind: openai\n    #api_key: ${SECRET}\n    rescue: off\n`,
  `auth: { keys: [{ name: a, key: ${SECRET} }] }`,
  `auth: { keys: [{ name: a, sha256: ${SECRET} }] }`,
  `database: { url: "postgres://ann:${SECRET}@db/sluice" }`,
  `models: { m: { rules: [{ when: { header: { x-tier: ${SECRET} } }, use: [a] }] } }`,
];

describe('the masked text of a configuration file', () => {
  it.each(PLACES)('has no secret of %s', (text) => {
    const shown = maskedText(text);
    expect(shown).not.toMatch(/MARKEDKEY|1234567890/);
    // It is still the YAML that it was, line by line.
    expect(() => parse(shown, { merge: true })).not.toThrow();
    expect(shown.split('\n')).toHaveLength(text.split('\n').length);
  });

  it('keeps what is no secret, and references to the environment', () => {
    const text =
      `providers:\n  up: { kind: openai, api_key: "\${OPENAI_KEY}", base_url: http://host:9/api/v1, timeouts: { idle: 5s } }\n` +
      `auth: { keys: [{ name: team#1, key: "\${TEAM_KEY}", admin: true, models: ["gpt-*"] }] }\nlog: { level: info }\n`;
    expect(maskedText(text)).toBe(text);
  });

  it('takes comments out and leaves each setting in its line', () => {
    expect(maskedText('# first\nlog: # second\n  level: "a # b" # third\n')).toBe('\nlog: \n  level: "a # b" \n');
  });

  it.each(['config/gateway.yaml', 'config/models.yaml'])('says the same as %s', (path) => {
    const text = readFileSync(path, 'utf8');
    const shown = maskedText(text);
    expect(parse(shown)).toEqual(parse(text));
    expect(shown).not.toContain('#');
  });
});
