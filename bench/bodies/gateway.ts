/**
 * The gateway as it ships, logging to nowhere, that looks at its own event loop when a message asks for it. Argument: the
 * URL of the provider. Has to run with `--expose-gc`.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import { loadConfig } from '../../src/config/load.ts';
import { startGateway } from '../../src/gateway.ts';
import { createLogger } from '../../src/observe/logger.ts';
import { createTurnProbe } from './turns.ts';

const [url = ''] = process.argv.slice(2);
const folder = makeTemporaryFolder('sluice-bodies');
const path = join(folder, 'gateway.yaml');
const NOTHING_ELSE = 'fallbacks: []';
writeFileSync(
  path,
  `server: { port: 0 }
usage: { path: ${join(folder, 'usage.db')} }
retry: { max_retries: 0 }
breaker: { failures: 1000000 }
providers:
  chat: { kind: openai-compatible, base_url: ${url}/v1 }
  gemini: { kind: gemini, base_url: ${url}/v1beta, api_key: none }
  demo: { kind: demo }
  openai: { kind: openai, base_url: ${url}/v1, api_key: none }
models:
  chat: { provider: chat, upstream: served, ${NOTHING_ELSE} }
  gemini: { provider: gemini, upstream: gemini-3.8-flash, ${NOTHING_ELSE} }
  older: { provider: gemini, upstream: gemini-2.0-flash, ${NOTHING_ELSE} }
  responses: { provider: openai, upstream: gpt-6-pro, ${NOTHING_ELSE} }
  all: { targets: [chat, gemini, older, responses], strategy: order }
`,
);
for (const end of ['disconnect', 'SIGTERM']) process.once(end, () => process.exit(0));
const log = await createLogger('info', false);
const gateway = await startGateway(loadConfig({ path, env: {} }), log, 'bench');
const probe = createTurnProbe();
process.on('message', (message) => {
  if (message === 'begin') probe.begin();
  process.send?.({ reading: message === 'end' ? probe.end() : null });
});
process.send?.({ port: Number(new URL(gateway.url).port) });
