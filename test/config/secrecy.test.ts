// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how the file refers to the environment
import { describe, expect, it } from 'vitest';
import { mistakes } from '../support/config-files.ts';

const SECRET = 'sk-proj-4f9aQ2mZ7';
/** What the environment holds: shown by no error, wherever the file puts it. */
const ENV = { SECRET, TOKEN: 'hunter-two-22' };

describe('configuration errors never show a secret', () => {
  it.each([
    `providers: { openai: ${SECRET} }`,
    `providers: { openai: [${SECRET}] }`,
    `providers: ${SECRET}`,
    `providers: { ${SECRET}: { kind: openai } , p: 1 }`,
    `providers: { ${SECRET}: openai }`,
    `providers: { "${SECRET} ": { kind: openai } }`,
    `providers: { openai: { kind: ${SECRET} } }`,
    `providers: { openai: { kind: openai, ${SECRET}: 1 } }`,
    `providers: { openai: { kind: openai, headers: { ${SECRET}: 1 } } }`,
    `providers: { openai: { kind: openai, headers: { x: [${SECRET}] } } }`,
    `providers: { openai: { kind: openai, headers: ${SECRET} } }`,
    `providers: { openai: { kind: openai, api_key: [${SECRET}] } }`,
    `providers: { openai: { kind: openai, api_key: { key: ${SECRET} } } }`,
    `providers: { openai: { kind: openai, api_keys: ${SECRET} } }`,
    `providers: { openai: { kind: openai, api_keys: [[${SECRET}]] } }`,
    `providers: { openai: { kind: openai, base_url: "ftp://user:${SECRET}@host/" } }`,
    `providers: { openai: { kind: openai, base_url: "user:${SECRET}@host" } }`,
    `providers: { openai: { kind: openai, max_connections: ${SECRET} } }`,
    `providers: { openai: { kind: openai, timeouts: { total: ${SECRET} } } }`,
    `auth: ${SECRET}`,
    `auth: { keys: ${SECRET} }`,
    `auth: { keys: [${SECRET}] }`,
    `auth: { keys: { ${SECRET}: admin } }`,
    `auth: { ${SECRET}: true }`,
    `auth: { keys: [{ name: [${SECRET}], key: k }] }`,
    `auth: { keys: [{ name: a, key: "with space ${SECRET}" }] }`,
    `auth: { keys: [{ name: a, sha256: ${SECRET} }] }`,
    `auth: { keys: [{ name: a, key: k, admin: ${SECRET} }] }`,
    `auth: { keys: [{ name: a, key: k, ${SECRET}: 1 }] }`,
    `auth: { keys: [{ name: ${SECRET}, key: k1 }, { name: ${SECRET}, key: k2 }] }`,
    `passthrough: { default: ${SECRET} }`,
    // The grammar of YAML.
    `providers: { openai: { api_key: "${SECRET} } }`,
    `providers:\n  openai:\n  api_key: ${SECRET}: x\n`,
    `providers: { openai: { kind: openai, api_key: *${SECRET} } }`,
    `providers: { openai: { kind: openai, api_key: !${SECRET} x } }`,
    `providers: { openai: { kind: openai, api_key: "\\${SECRET}" } }`,
    `providers: { openai: { kind: openai, api_key: @${SECRET} } }`,
    `providers: { openai: { kind: openai, api_key: | ${SECRET} } }`,
    `providers:\n  openai:\n    api_key: |${SECRET}\n`,
    `%${SECRET}\n---\nproviders: {}\n`,
    `providers: { openai: { ${SECRET}, ${SECRET} } }`,
    `providers: { openai: { ${SECRET}: 1, ${SECRET}: 2 } }`,
    `providers: {}\n${SECRET}\n`,
    `providers: [}${SECRET}\n`,
    `providers: { <<: ${SECRET} }`,
  ])('beside API keys: %s', (file) => {
    const found = mistakes(file).join('\n');
    expect(found).toMatch(/gateway\.yaml:\d+:\d+: /);
    expect(found).not.toMatch(/4f9a|Q2mZ/i);
  });

  it.each([
    'log: { level: "${SECRET}" }',
    'server: { port: "${SECRET}" }',
    'server: { host: "${SECRET}" }',
    'registry: "${SECRET}.yaml"',
    'timeouts: { total: "a ${TOKEN}" }',
    'passthrough: { default: "${TOKEN}" }',
    'models: { a: { provider: "${TOKEN}" } }',
    'models: { a: { status: shutdown, fallbacks: ["${TOKEN}"], replacement: "x${TOKEN}" } }',
    'models: { a: { targets: ["${TOKEN}"] } }',
    'models: { a: { status: shutdown, aliases: ["${TOKEN}"] }, b: { status: shutdown, aliases: ["${TOKEN}"] } }',
    'models: { a: { status: shutdown, aliases: ["${TOKEN}"] }, b: { targets: [hunter-two-2] } }',
    'models: { a: { status: "${TOKEN}" } }',
    'models: { a: { rules: [{ when: { key: ["${TOKEN}"] }, use: [a/b] }], otherwise: ["${TOKEN}"] } }',
    'auth: { keys: [{ name: "${TOKEN}", key: k }] }\nmodels: { a: { rules: [{ when: { key: [hunter-two-2] }, use: [b] }] } }',
  ])('from environment variables: %s', (file) => {
    const found = mistakes(file, ENV).join('\n');
    expect(found).toMatch(/gateway\.yaml:\d+:\d+: /);
    expect(found).not.toMatch(/4f9a|hunter-two-22/i);
  });

  it('but still show enough to be of use', () => {
    expect(
      mistakes('providers: { openai: { kind: opnai, api_kye: x, timeouts: { totl: 1s } } }\nlog: { level: wran }'),
    ).toEqual([
      expect.stringMatching(
        /^gateway\.yaml:1:30: providers\.openai\.kind: expected one of openai, .*, found a string of 5 characters; did you mean 'openai'\?$/,
      ),
      "gateway.yaml:1:37: providers.openai.api_kye: unknown setting; did you mean 'api_key'?",
      "gateway.yaml:1:61: providers.openai.timeouts.totl: unknown setting; did you mean 'total'?",
      expect.stringMatching(/^gateway\.yaml:2:15: log\.level: .*found "wran"; did you mean 'warn'\?$/),
    ]);
    expect(mistakes(`providers: { openai: ${SECRET} }`)).toEqual([
      'gateway.yaml:1:22: providers.openai: expected settings (key: value), found a string of 17 characters',
    ]);
    expect(mistakes(`providers: { openai: { kind: openai, ${SECRET}: 1 } }`)[0]).toMatch(
      /^gateway\.yaml:1:38: providers\.openai\["…"\]: unknown setting; known here: kind, base_url/,
    );
  });
});
