import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { DatabaseConfig } from '../../src/config/database-url.ts';
import type { Environment } from '../../src/config/environment.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { load } from './config-files.ts';

/** A real gateway in this process, on a free port. */
export interface TestGateway extends Gateway {
  /** Every line it logged, as JSON text. */
  readonly log: readonly string[];
  /** Posts a chat request. */
  chat(body: object, init?: RequestInit): Promise<Response>;
  /** Ends it at once. Throws when it logged a bug, so that no test passes over one. */
  close(): Promise<void>;
}

/** Starts a gateway with this configuration; whoever calls it outside of a test closes it. */
export async function openGateway(text: string, env: Environment = {}): Promise<TestGateway> {
  const log: string[] = [];
  const logger = pino({ level: 'trace', base: null }, { write: (line) => log.push(line) });
  const config = onFreePort(load(text, env));
  // Only tests of the usage log write one, and say where.
  const usage = /^usage:/m.test(text) ? config.usage : { ...config.usage, store: 'none' as const };
  // Only those of stored answers keep some, and say where.
  const isStored = /^database:/m.test(text) && config.responses.isStored;
  const responses = { ...config.responses, isStored };
  const folder = mkdtempSync(join(tmpdir(), 'sluice-'));
  const database = config.database.shown.startsWith('data/') ? fileIn(folder) : config.database;
  const gateway = await startGateway({ ...config, usage, responses, database }, logger, '0.0.0-test');
  return {
    ...gateway,
    log,
    chat: (body, init = {}) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }], model: 'm', ...body }),
        ...init,
      }),
    async close() {
      await gateway.stop();
      rmSync(folder, { recursive: true, force: true });
      const bugs = log.filter((line) => line.includes('"msg":"bug"'));
      if (bugs.length > 0) throw new Error(`The gateway logged a bug:\n${bugs.join('\n')}`);
    },
  };
}

/** The same, closed when the test is finished. */
export async function runGateway(text: string, env: Environment = {}): Promise<TestGateway> {
  const gateway = await openGateway(text, env);
  onTestFinished(() => gateway.close());
  return gateway;
}

/** Settings that leave one attempt per call, and end quickly. */
export const ONE_ATTEMPT = 'retry: { max_retries: 0 }\nrescue: off\nbreaker: { failures: 100000 }\n';

/** The key that the gateway owns in {@link configFor}: it must appear nowhere but at the provider. */
export const PROVIDER_KEY = 'sk-the-providers-own-key';

/** One OpenAI-compatible provider with one model `m`; `rest` adds to it. */
export function configFor(url: string, rest = 'server: { drain: 0ms }'): string {
  return (
    `providers:\n  up: { kind: openai-compatible, base_url: "${url}/v1", api_key: ${PROVIDER_KEY} }\n` +
    `models:\n  m: { provider: up, upstream: m-upstream, aliases: [m-alias] }\n${ONE_ATTEMPT}${rest}\n`
  );
}

/** Instead of the default, in the working folder: there may be a developer's own keys, and what other tests have left. */
function fileIn(folder: string): DatabaseConfig {
  const path = join(folder, 'sluice.db');
  return { engine: 'sqlite', path, shown: path };
}

function onFreePort(config: Config): Config {
  return { ...config, server: { ...config.server, port: 0 } };
}
