import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { type LabProvider, startProvider } from '../../../lab/provider.ts';
import packageFile from '../../../package.json' with { type: 'json' };
import { loadConfig } from '../../../src/config/load.ts';
import { type Gateway, startGateway } from '../../../src/gateway.ts';
import type { Clock } from './clock.ts';
import { createStudio } from './studio.ts';

/** An admin's key in the file. */
export const ADMIN = 'the-key-of-the-operators';

const MAIN = `registry: models.yaml

auth:
  keys:
    - { name: ops, key: "\${OPS_KEY}", admin: true }
    - { name: nightly, key: "\${NIGHTLY_KEY}", org: research, budget: { day: 5 } }

orgs:
  research: { name: Research, budget: { month: 40 } }

providers: # what has no key is switched off
  studio: { kind: openai-compatible, base_url: "\${STUDIO_URL}", api_key: "\${STUDIO_KEY}" }
  gemini: { kind: gemini, api_key: "\${GEMINI_API_KEY}" }
  demo: { kind: demo }

retry: { max_retries: 1 }
usage: { store: sqlite }
`;

const MODELS = `models:
  swift:
    provider: studio
    aliases: [fast]
    context_window: 128000
    max_output_tokens: 16384
    capabilities: [tools, vision, json_schema, prefill]
    prices: [{ input: 0.4, output: 1.6 }]
  deep:
    provider: studio
    context_window: 400000
    max_output_tokens: 65536
    capabilities: [tools, vision, pdf, json_schema, reasoning]
    prices: [{ input: 2.5, output: 10, until: "2027-02-01" }, { input: 2, output: 8, from: "2027-02-01" }]
    fallbacks: [swift]
  careful: { provider: studio, context_window: 128000, prices: [{ input: 0.4, output: 1.6 }], notes: speaks slowly }
  elder: { provider: studio, prices: [{ input: 3, output: 12 }], shutdown: "2026-12-20", replacement: deep }
  gemini-3.8-flash: { provider: gemini, context_window: 1048576, capabilities: [tools, vision, audio, pdf], prices: [{ input: 0.3, output: 2.5 }] }
  either: { strategy: weighted, targets: [{ model: swift, weight: 3 }, { model: deep, weight: 1 }] }
  auto:
    rules:
      - { name: tools-and-pictures, when: { tools: true }, use: [deep, swift] }
    otherwise: [swift, demo]
`;

/** Longer than any picture is waited for. */
const SHOWN_MS = 600_000;

/** A gateway with its provider. */
export interface Scene {
  /** Without a slash at the end. */
  readonly url: string;
  readonly clock: Clock;
  /**
   * Has it put down when these keys were used last: a gateway does so twice a minute and when it ends, and so another one is
   * asked that ends at once.
   */
  putDownUse(keys: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Starts both, with files and a database in a folder of their own, whose name is in the pictures. */
export async function openScene(clock: Clock): Promise<Scene> {
  const provider = await startProvider(createStudio(clock));
  // One for each, as pictures may be taken and compared at the same time.
  const folder = mkdtempSync(join(tmpdir(), 'sluice-pictures-'));
  writeFileSync(join(folder, 'gateway.yaml'), `${MAIN}database: { url: "sqlite:${folder}/sluice.db" }\n`);
  writeFileSync(join(folder, 'models.yaml'), MODELS);
  const env = environmentOf(provider);
  const config = loadConfig({ path: join(folder, 'gateway.yaml'), env });
  // Both go by the clock of the machine: a retry does not wait, and calls in flight are silent for as long as they are shown.
  const retry = { ...config.policies.retry, initial_delay: 0 };
  const policies = { ...config.policies, retry, timeouts: { idle: SHOWN_MS } };
  const onFreePort = { ...config, policies, server: { ...config.server, port: 0 } };
  const start = (): Promise<Gateway> =>
    startGateway(onFreePort, pino({ enabled: false }), packageFile.version, () => env, clock.now);
  const gateway = await start();
  return {
    url: gateway.url,
    clock,
    async putDownUse(keys) {
      const other = await start();
      for (const key of keys) await fetch(`${other.url}/v1/models`, { headers: { authorization: `Bearer ${key}` } });
      await other.stop();
    },
    async close() {
      await gateway.stop();
      await provider.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function environmentOf({ url }: LabProvider): Readonly<Record<string, string>> {
  return {
    OPS_KEY: ADMIN,
    NIGHTLY_KEY: 'the-key-of-the-night',
    STUDIO_URL: `${url}/v1`,
    STUDIO_KEY: 'the-key-of-the-studio',
  };
}
