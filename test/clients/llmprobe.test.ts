import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/config-files.ts';
import { runGeminiDemo } from '../support/gemini-demo.ts';
import { runStored } from './stored-demo.ts';

/** What we read of llmprobe's JSON report. */
interface Report {
  readonly conformance: {
    readonly bySurface: readonly { readonly surface: string; readonly passed: number; readonly total: number }[];
    readonly inconclusive: readonly object[];
    readonly warnings: readonly object[];
    readonly nits: readonly object[];
    readonly results: readonly {
      readonly id: string;
      readonly outcome: string;
      readonly surface: string;
      readonly failures: object[];
    }[];
  };
}

/** Runs the conformance suite as a person would, and shows its tables. */
async function probe(url: string, model = 'demo'): Promise<Report> {
  const folder = temporaryFolder();
  const report = join(folder, 'report.json');
  const require = createRequire(import.meta.url);
  const command = join(require.resolve('llmprobe/package.json'), '../bin/dist/llmprobe.mjs');
  const options = ['--model', model, '--full', '--no-bench', '--no-save', '--no-color', '--save', report];
  // Its library lives in the home directory: it gets one of its own.
  const env = { ...process.env, HOME: folder, USERPROFILE: folder };
  const child = spawn(process.execPath, [command, url, ...options], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  const tables = output.slice(output.indexOf('SURFACE COVERAGE'), output.indexOf('MODEL CAPABILITY'));
  console.log(`llmprobe --full, model ${model}\n\n${tables}`);
  return JSON.parse(readFileSync(report, 'utf8'));
}

/** Every check of these that found something. */
function failed({ conformance }: Report): Report['conformance']['results'] {
  return conformance.results.filter(({ failures }) => failures.length > 0);
}

it('llmprobe finds no conformance error in chat, responses and models', { timeout: 180_000 }, async () => {
  const gateway = await runStored();
  const report = await probe(gateway.url);
  expect(failed(report)).toEqual([]);
  const { bySurface, inconclusive, warnings, nits } = report.conformance;
  expect(bySurface.map(({ surface }) => surface)).toEqual(['models', 'chat', 'responses']);
  for (const { passed, total } of bySurface) expect(passed).toBe(total);
  const [, chat, responses] = bySurface;
  for (const surface of [chat, responses]) expect(surface?.total).toBeGreaterThan(90);
  expect([...inconclusive, ...warnings, ...nits]).toEqual([]);
});

it.each<[string, () => Promise<string>]>([
  ["gives in Gemini's language", async () => (await runGeminiDemo()).config],
  ['writes itself', runNativeDemo],
])('llmprobe finds none in responses that a provider %s', { timeout: 180_000 }, async (_name, configOf) => {
  const gateway = await runStored(await configOf());
  const report = await probe(gateway.url, 'm');
  expect(failed(report).filter(({ surface }) => surface === 'responses')).toEqual([]);
  const responses = report.conformance.bySurface.find(({ surface }) => surface === 'responses');
  expect(responses?.total).toBeGreaterThan(90);
  expect(responses?.passed).toBe(responses?.total);
});

/** The demo model of another gateway, whose responses pass as they are. */
async function runNativeDemo(): Promise<string> {
  const { url } = await runStored();
  const provider = `{ kind: openai-compatible, base_url: "${url}/v1", api_key: k, responses: native }`;
  return `providers: { o: ${provider} }\nmodels: { m: { provider: o, upstream: demo } }\nserver: { drain: 0ms }\n`;
}
