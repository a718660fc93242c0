import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { JSON_SCHEMAS } from '../../src/config/json-schema.ts';

const FILES = Object.keys(JSON_SCHEMAS) as (keyof typeof JSON_SCHEMAS)[];

function validatorOf(file: keyof typeof JSON_SCHEMAS): (text: string) => boolean {
  const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(JSON_SCHEMAS[file]());
  return (text) => validate(parse(text)) as boolean;
}

describe('the JSON Schema of a configuration file', () => {
  it.each(FILES)('is up to date with the settings (npm run schema writes it): %s', async (file) => {
    await expect(`${JSON.stringify(JSON_SCHEMAS[file](), null, 1)}\n`).toMatchFileSnapshot(`../../config/${file}`);
  });

  it.each(FILES)('is named by the file it describes, which is valid by it: %s', (file) => {
    const text = readFileSync(`config/${file.replace('.schema.json', '.yaml')}`, 'utf8');
    expect(text.split('\n', 1)).toEqual([`# yaml-language-server: $schema=${file}`]);
    expect(validatorOf(file)(text)).toBe(true);
  });

  it.each([
    ['durations and sizes', 'server: { drain: 30s, body_limit: 20mb }', true],
    ['a number from the environment', `server: { port: "\${PORT:-8080}" }`, true],
    ['a switch from the environment', `metrics: { public: "\${OPEN}" }`, true],
    ['a word from the environment', `log: { level: "\${LEVEL:-info}" }`, true],
    ['both ways to write rescue', '{ rescue: on, providers: { p: { kind: demo, rescue: true } } }', true],
    ['members of both kinds', 'models: { g: { targets: [a, { model: b, weight: 3 }], strategy: weighted } }', true],
    ['an unknown setting', 'server: { prot: 80 }', false],
    ['another kind of value', 'server: { port: [80] }', false],
    ['an unknown word', 'usage: { store: postgress }', false],
    ['a member that is none', 'models: { g: { targets: [{ modle: b }] } }', false],
  ])('has %s', (_what, text, isGood) => {
    expect(validatorOf('gateway.schema.json')(text)).toBe(isGood);
  });
});
