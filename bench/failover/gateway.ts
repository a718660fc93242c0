import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { loadConfig } from '../../src/config/load.ts';
import { type Gateway, startGateway } from '../../src/gateway.ts';
import { HARDER, SCENARIOS } from './scenarios.ts';

/** The fallbacks, and what their registry entries say of them. */
const FALLBACKS = {
  ok: '{ provider: wall, capabilities: [prefill] }',
  'ok-no-prefix': '{ provider: wall }',
  'ok-refuses-prefix': '{ provider: wall, upstream: ok-no-prefix, capabilities: [prefill] }',
  'ok-ignores-prefix': '{ provider: wall, capabilities: [prefill] }',
  'ok-other-words': '{ provider: wall }',
};

/** A gateway that is told where the wall is and which models and fallbacks there are, and else is as it ships. */
export async function startDefaultGateway(wallUrl: string, extra: string): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-failover-'));
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, configFor(wallUrl, extra));
  const config = loadConfig({ path, env: {} });
  rmSync(folder, { recursive: true });
  return startGateway(config, pino({ level: 'silent' }), 'failover');
}

function configFor(wallUrl: string, extra: string): string {
  const primaries = [...SCENARIOS, ...HARDER].map(
    ({ id, fallback }) => `  ${id}: { provider: wall, fallbacks: [${fallback}] }`,
  );
  const fallbacks = Object.entries(FALLBACKS).map(([name, entry]) => `  ${name}: ${entry}`);
  const models = [...primaries, ...fallbacks].join('\n');
  return `server: { port: 0 }\nproviders:\n  wall: { kind: openai-compatible, base_url: "${wallUrl}" }\nmodels:\n${models}\n${extra}`;
}
