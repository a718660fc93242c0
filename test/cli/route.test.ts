import { describe, expect, it } from 'vitest';
import { CommandLineError } from '../../src/cli/command-line-error.ts';
import { route } from '../../src/cli/route.ts';
import { writeConfig } from '../support/config-files.ts';
import { buildProviders } from '../support/provider.ts';

const CONFIG = `
providers:
  p: { kind: openai-compatible, base_url: http://127.0.0.1:9 }
  off: { kind: openai, api_key: "\${NO_KEY}" }
models:
  small: { provider: p, upstream: small-2026, context_window: 8000, prices: [{ input: 1, output: 2 }] }
  tiny: { provider: p, context_window: 100 }
  dark: { provider: off, upstream: dark-1 }
  auto: { rules: [{ name: events, when: { matches: "\\\\bevents\\\\b" }, use: [tiny, small, dark] }, { use: [tiny] }] }
`;

function run(question: string, model = 'auto', isClosed = (): void => undefined): Promise<string> {
  const providers = {
    create: async (config: Parameters<typeof buildProviders>[0]) => buildProviders(config),
    close: async () => isClosed(),
  };
  const now = new Date('2026-11-24T12:00:00Z');
  return route({ configPath: writeConfig(CONFIG), question, model }, { env: {}, providers, now });
}

describe('sluice route', () => {
  it('prints which model would answer, why, and which candidates are skipped', async () => {
    let closings = 0;
    const text = await run('What are recent events in Delhi?', 'auto', () => void closings++);
    expect(text.split('\n')).toEqual([
      'model   small, by p',
      'route   auto: rule events, order',
      "reason  small comes first by 'order' in rule 'events' of 'auto', which matches.",
      '',
      '   model  provider  upstream         USD  window  not asked, because',
      '→  small  p         small-2026  0.001012    8000',
      "   dark   off       dark-1             ?       ?  provider 'off' has no key: set the environment variable NO_KEY",
      '   tiny   p                            ?     100  its window of 100 tokens is too small for 12 tokens and 500 for the answer',
      '',
    ]);
    expect(closings).toBe(1);
  });

  it('explains any model or group', async () => {
    expect(await run('Hi', 'small')).toContain('reason  small was asked for by name.');
  });

  it('refuses an unknown model in one line', async () => {
    await expect(run('Hi', 'smal')).rejects.toThrow(
      new CommandLineError("The model 'smal' does not exist. Did you mean 'small'?"),
    );
  });
});
