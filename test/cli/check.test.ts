import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { check } from '../../src/cli/check.ts';
import { temporaryFolder, writeConfig } from '../support/config-files.ts';
import { makeKeyElsewhere } from '../support/managed.ts';
import { buildProviders } from '../support/provider.ts';

/** Checks a configuration; the folder is cut from what is printed. */
async function run(gateway: string): Promise<{ code: number; text: string; isClosed: boolean }> {
  let text = '';
  let isClosed = false;
  const configPath = writeConfig(gateway);
  const code = await check(
    { configPath, host: null, port: null, logLevel: null },
    {
      env: { KEY: 'sk-secret' },
      now: new Date('2026-11-24T12:00:00Z'),
      providers: {
        create: async (config) => buildProviders(config),
        close: async () => {
          isClosed = true;
        },
      },
      write: (more) => {
        text += more;
      },
    },
  );
  return { code, text: text.replaceAll(configPath, 'gateway.yaml'), isClosed };
}

describe('sluice check', () => {
  it('prints providers, warnings and models', async () => {
    const { code, text, isClosed } = await run(`
providers:
  openai: { kind: openai, api_key: "\${KEY}" }
  gemini: { kind: gemini, api_key: "\${GEMINI_API_KEY}" }
models:
  luna:
    provider: openai
    upstream: gpt-6-luna
    context_window: 1050000
    capabilities: [tools, reasoning]
    prices: [{ input: 1, output: 2, until: 2026-12-01 }, { input: 3, output: 4, from: 2026-12-01 }]
    fallbacks: [flash]
    aliases: [cheap]
  flash: { provider: gemini, status: preview }
  both: { targets: [flash, luna] }
  old: { status: shutdown, shutdown: 2026-10-23, replacement: luna }
`);
    expect(text.split('\n')).toEqual([
      'config     gateway.yaml',
      'provider   openai: ready, with a key',
      'provider   gemini: off',
      "warning    provider 'gemini' has no key, and its models are off: set the environment variable GEMINI_API_KEY",
      '',
      'model  provider  upstream      context  can       USD/1M in, out  status                          fallbacks  aliases',
      'luna   openai    gpt-6-luna    1.05M    t----r--  1, 2            active                          flash      cheap',
      'flash  gemini                           ?                         off, preview',
      'both   group     flash > luna                                     active',
      'old                                                               shut down 2026-10-23, use luna',
      '',
      'can: t tools, v vision, a audio, p pdf, j json_schema, r reasoning, w web_search, f prefill; ? not known',
      '',
      '2 of 4 models can be asked now.',
      '',
    ]);
    expect(code).toBe(0);
    expect(isClosed).toBe(true);
    expect(text).not.toContain('sk-secret');
  });

  it('prints no terminal control characters (escape sequences)', async () => {
    const { text } = await run(
      'log: { level: "\\e[2J\\x9b\\u202ex", "\\e[3J": 1 }\nproviders: { p: { kind: demo } }\n',
    );
    expect(text).toMatch(/2 mistakes/);
    expect(text).not.toMatch(/[^\P{Cc}\n]|[\u2028-\u202e\u2066-\u2069]/u);
  });

  it('prints every configuration error and exits with code 1', async () => {
    const { code, text } = await run('server: { prot: 1 }\nlog: { levle: info }\n');
    expect(code).toBe(1);
    expect(text).toBe(
      "gateway.yaml:1:11: server.prot: unknown setting; did you mean 'port'?\n" +
        "gateway.yaml:2:8: log.levle: unknown setting; did you mean 'level'?\n" +
        '\n2 mistakes\n',
    );
  });

  it('finds a public address without API keys (open host), and none where the database has one', async () => {
    const path = join(temporaryFolder(), 'sluice.db');
    const text = `providers: { demo: { kind: demo } }\nserver: { host: 0.0.0.0 }\ndatabase: { url: "${path}" }\n`;
    const open = await run(text);
    expect([open.code, open.text]).toEqual([1, expect.stringContaining('gateway.yaml:2:17: server.host: no keys')]);
    expect(existsSync(path)).toBe(false);
    await makeKeyElsewhere(path);
    expect((await run(text)).code).toBe(0);
  });
});
