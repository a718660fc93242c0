/**
 * The gateway as it ships, logging to nowhere. Arguments: base URLs of the chat and the Gemini upstream, and `off` for
 * one without usage log and log lines.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTemporaryFolder } from '../lab/temporary-folder.ts';
import { loadConfig } from '../src/config/load.ts';
import { startGateway } from '../src/gateway.ts';
import { createLogger } from '../src/observe/logger.ts';

const [chat = '', gemini = '', observers = 'on'] = process.argv.slice(2);
const folder = makeTemporaryFolder('sluice-bench');
const path = join(folder, 'gateway.yaml');
writeFileSync(
  path,
  `server: { port: 0 }
usage: ${observers === 'on' ? `{ path: ${join(folder, 'usage.db')} }` : '{ store: none }'}
providers:
  chat: { kind: openai-compatible, base_url: ${chat} }
  gemini: { kind: gemini, base_url: ${gemini}, api_key: none }
models:
  bench: { provider: chat }
  bench-burst: { provider: chat }
  bench-gemini: { provider: gemini }
  bench-gemini-burst: { provider: gemini }
`,
);
for (const end of ['disconnect', 'SIGTERM']) process.once(end, () => process.exit(0));
const log = await createLogger(observers === 'on' ? 'info' : 'silent', false);
const gateway = await startGateway(loadConfig({ path, env: {} }), log, 'bench');
process.send?.({ port: Number(new URL(gateway.url).port) });
