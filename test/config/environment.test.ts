// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how the file refers to the environment
import { describe, expect, it } from 'vitest';
import { load, mistakes } from '../support/config-files.ts';

const provider = (setting: string): string => `providers:\n  p: { kind: openai, ${setting} }\n`;

describe('references to environment variables', () => {
  it('are replaced in any string', () => {
    const config = load('server: { host: "${H}" }\nproviders: { p: { kind: demo, headers: { x: "a ${V} b" } } }', {
      H: 'localhost',
      V: 'v',
    });
    expect(config.server.host).toBe('localhost');
    expect(config.providers.get('p')?.entry.headers).toEqual({ x: 'a v b' });
  });

  it('become numbers and booleans where the setting is one', () => {
    const config = load('server:\n  port: ${PORT:-8080}\nlog: { content: "${CONTENT}" }\nrescue: "${R}"\n', {
      PORT: '9000',
      CONTENT: 'true',
      R: 'off',
    });
    expect(config.server.port).toBe(9000);
    expect(config.log.content).toBe(true);
    expect(config.policies.rescue).toBe('off');
  });

  it('stay text where the setting is text', () => {
    expect(load(provider('api_key: "${K}"'), { K: '12345' }).providers.get('p')?.apiKeys).toEqual(['12345']);
  });

  it('have their default when the variable is missing or empty', () => {
    expect(load('server:\n  port: ${PORT:-8081}\n', { PORT: '' }).server.port).toBe(8081);
  });

  it('are validated like any other value', () => {
    expect(mistakes('server:\n  port: ${PORT}\n', { PORT: '99999' })).toEqual([
      'gateway.yaml:2:9: server.port: expected at most 65535, found a number',
    ]);
  });

  it('are errors when the variable is missing and has no default', () => {
    expect(mistakes('server:\n  port: ${NOWHERE}\n')).toEqual([
      'gateway.yaml:2:9: server.port: the environment variable NOWHERE is not set; set it, or write ${NOWHERE:-default}',
    ]);
  });

  it('are reported once, not again as the value they left', () => {
    expect(mistakes('server: { host: "${NOWHERE}" }\npassthrough: { default: "${NOWHERE}" }\n')).toHaveLength(2);
  });

  it('are errors when they are malformed', () => {
    expect(mistakes('usage: { path: "${A-b}" }')).toEqual([
      'gateway.yaml:1:16: usage.path: expected references like ${NAME} or ${NAME:-default}, found another use of ${',
    ]);
  });

  it('are explained where YAML requires quotes', () => {
    expect(mistakes('server: { port: ${PORT:-1} }')[0]).toMatch(/references to the environment need quotes/);
  });
});

describe('a missing provider API key', () => {
  it.each([undefined, '', ' '])('disables the provider with a warning (%j)', (value) => {
    const config = load(provider('api_key: "${OPENAI_API_KEY}"'), { OPENAI_API_KEY: value });
    expect(config.providers.get('p')).toMatchObject({ apiKeys: [], missingKey: 'OPENAI_API_KEY' });
    expect(config.warnings).toEqual([
      "provider 'p' has no key, and its models are off: set the environment variable OPENAI_API_KEY",
    ]);
  });

  it('leaves the other API keys of the provider in use', () => {
    const config = load(provider('api_keys: ["${A}", "${B}"]'), { B: 'b\n' });
    expect(config.providers.get('p')).toMatchObject({ apiKeys: ['b'], missingKey: null });
    expect(config.warnings).toEqual(["provider 'p' works with fewer keys: the environment variable A is not set"]);
  });

  it('is found through a YAML merge key', () => {
    const config = load('providers:\n  a: &a { kind: openai, api_key: "${A}" }\n  b: { <<: *a }\n');
    expect(config.providers.get('b')?.missingKey).toBe('A');
  });
});
