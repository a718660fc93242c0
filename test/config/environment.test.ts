// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how the file refers to the environment
import { describe, expect, it } from 'vitest';
import { load, mistakes } from '../support/config-files.ts';

const provider = (setting: string): string => `providers:\n  p: { kind: openai, ${setting} }\n`;

describe('references to the environment', () => {
  it('are replaced in any string', () => {
    const config = load('server: { host: "${H}" }\nproviders: { p: { kind: demo, headers: { x: "a ${V} b" } } }', {
      H: 'localhost',
      V: 'v',
    });
    expect(config.server.host).toBe('localhost');
    expect(config.providers.get('p')?.entry.headers).toEqual({ x: 'a v b' });
  });

  it('become numbers and booleans where those are wanted', () => {
    const config = load('server:\n  port: ${PORT:-8080}\nlog: { content: "${CONTENT}" }\nrescue: "${R}"\n', {
      PORT: '9000',
      CONTENT: 'true',
      R: 'off',
    });
    expect(config.server.port).toBe(9000);
    expect(config.log.content).toBe(true);
    expect(config.policies.rescue).toBe('off');
  });

  it('stay text where text is wanted', () => {
    expect(load(provider('api_key: "${K}"'), { K: '12345' }).providers.get('p')?.apiKeys).toEqual(['12345']);
  });

  it('have their default when the variable is missing or empty', () => {
    expect(load('server:\n  port: ${PORT:-8081}\n', { PORT: '' }).server.port).toBe(8081);
  });

  it('are checked like any other value', () => {
    expect(mistakes('server:\n  port: ${PORT}\n', { PORT: '99999' })).toEqual([
      'gateway.yaml:2:9: server.port: expected at most 65535, found a number',
    ]);
  });

  it('are mistakes without a variable and without a default', () => {
    expect(mistakes('server:\n  port: ${NOWHERE}\n')).toEqual([
      'gateway.yaml:2:9: server.port: the environment variable NOWHERE is not set; set it, or write ${NOWHERE:-default}',
    ]);
  });

  it('are told once, not again as the value they left', () => {
    expect(mistakes('server: { host: "${NOWHERE}" }\npassthrough: { default: "${NOWHERE}" }\n')).toHaveLength(2);
  });

  it('are mistakes when they are not spelt as references', () => {
    expect(mistakes('usage: { path: "${A-b}" }')).toEqual([
      'gateway.yaml:1:16: usage.path: expected references like ${NAME} or ${NAME:-default}, found another use of ${',
    ]);
  });

  it('are explained where YAML wants quotes', () => {
    expect(mistakes('server: { port: ${PORT:-1} }')[0]).toMatch(/references to the environment need quotes/);
  });
});

describe('a provider key that is not set', () => {
  it.each([undefined, '', ' '])('switches the provider off with a warning (%j)', (value) => {
    const config = load(provider('api_key: "${OPENAI_API_KEY}"'), { OPENAI_API_KEY: value });
    expect(config.providers.get('p')).toMatchObject({ apiKeys: [], missingKey: 'OPENAI_API_KEY' });
    expect(config.warnings).toEqual([
      "provider 'p' has no key, and its models are off: set the environment variable OPENAI_API_KEY",
    ]);
  });

  it('leaves the other keys of the provider in use', () => {
    const config = load(provider('api_keys: ["${A}", "${B}"]'), { B: 'b\n' });
    expect(config.providers.get('p')).toMatchObject({ apiKeys: ['b'], missingKey: null });
    expect(config.warnings).toEqual(["provider 'p' works with fewer keys: the environment variable A is not set"]);
  });

  it('is found through a merge key', () => {
    const config = load('providers:\n  a: &a { kind: openai, api_key: "${A}" }\n  b: { <<: *a }\n');
    expect(config.providers.get('b')?.missingKey).toBe('A');
  });
});
