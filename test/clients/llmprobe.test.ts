import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { runGateway } from '../support/gateway.ts';
import { DEMO_CONFIG } from './client.ts';

/** What we read of llmprobe's JSON report. */
interface Report {
  readonly conformance: {
    readonly bySurface: readonly { readonly surface: string; readonly passed: number; readonly total: number }[];
    readonly inconclusive: readonly object[];
    readonly warnings: readonly object[];
    readonly nits: readonly object[];
    readonly results: readonly { readonly id: string; readonly outcome: string; readonly failures: object[] }[];
  };
}

/** Runs the conformance suite as a person would, and shows its tables. */
async function probe(url: string): Promise<Report> {
  const folder = temporaryFolder();
  const report = join(folder, 'report.json');
  const require = createRequire(import.meta.url);
  const command = join(require.resolve('llmprobe/package.json'), '../bin/dist/llmprobe.mjs');
  const options = ['--model', 'demo', '--full', '--no-bench', '--no-save', '--no-color', '--save', report];
  // Its library lives in the home directory: it gets one of its own.
  const env = { ...process.env, HOME: folder, USERPROFILE: folder };
  const child = spawn(process.execPath, [command, url, ...options], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const tables = output.slice(output.indexOf('SURFACE COVERAGE'), output.indexOf('MODEL CAPABILITY'));
  console.log(`llmprobe --full, model demo\n\n${tables}`);
  return JSON.parse(readFileSync(report, 'utf8'));
}

it('llmprobe finds no conformance error in /v1/chat/completions and /v1/models', { timeout: 60_000 }, async () => {
  const gateway = await runGateway(DEMO_CONFIG);
  const { conformance } = await probe(gateway.url);
  expect(conformance.results.filter(({ failures }) => failures.length > 0)).toEqual([]);
  expect(conformance.bySurface.map(({ surface }) => surface)).toEqual(['models', 'chat']);
  for (const { passed, total } of conformance.bySurface) expect(passed).toBe(total);
  expect(conformance.bySurface.find(({ surface }) => surface === 'chat')?.total).toBeGreaterThan(90);
  expect([...conformance.inconclusive, ...conformance.warnings, ...conformance.nits]).toEqual([]);
});
