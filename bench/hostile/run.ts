import { rmSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { openGateway } from '../../lab/gateway.ts';
import { makeTemporaryFolder } from '../../lab/temporary-folder.ts';
import type { Gateway } from '../../src/gateway.ts';
import { FAULTS } from './asked.ts';
import { CLASSES } from './classes.ts';
import { fire } from './client.ts';
import { createDice } from './dice.ts';
import { PROVIDER_KEY, startProvider } from './provider.ts';
import { KEYS } from './shot.ts';
import { judge } from './verdict.ts';

/** What a run came to. */
export interface Report {
  /** Answers by class of request and status. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, number>>;
  /** What the gateway did wrong, each with what was sent. */
  readonly violations: readonly Violation[];
}

export interface Violation {
  readonly name: string;
  readonly problem: string;
  /** The beginning of what was sent, as a JavaScript string. */
  readonly sent: string;
}

const AT_ONCE = 12;

/** Sends so many hostile requests to a gateway and a provider of their own. The same seed sends the same ones. */
export async function runHostile(count: number, seed: number): Promise<Report> {
  const provider = await startProvider();
  const folder = makeTemporaryFolder('sluice-hostile');
  const log: string[] = [];
  const logger = pino({ base: null }, { write: (line) => void log.push(line) });
  const gateway = await openGateway(configFor(provider.port), folder, logger);
  try {
    const report = await shootAll(Number(new URL(gateway.url).port), count, seed);
    const aftermath = [...(await unusedFields(gateway)), ...log.filter((line) => line.includes('"msg":"bug"'))];
    const violations = aftermath.map((problem) => ({ name: 'aftermath', problem: problem.slice(0, 1500), sent: '' }));
    return { ...report, violations: [...report.violations, ...violations] };
  } finally {
    await gateway.stop();
    await provider.close();
    rmSync(folder, { recursive: true });
  }
}

async function shootAll(port: number, count: number, seed: number): Promise<Report> {
  const dice = createDice(seed);
  const answers = new Map<string, Map<number, number>>();
  const violations: Violation[] = [];
  let shots = 0;
  const shoot = async (): Promise<void> => {
    // Made when it is sent, one after the other: what is sent does not depend on what came back.
    while (shots < count) {
      const [name, make] = CLASSES[shots++ % CLASSES.length] as (typeof CLASSES)[number];
      const shot = make(dice);
      const { statuses, problem } = judge(shot, await fire(port, shot));
      const counts = answers.get(name) ?? new Map<number, number>();
      for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
      answers.set(name, counts);
      if (problem !== null) violations.push({ name, problem, sent: JSON.stringify(shot.bytes.slice(0, 1500)) });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, shoot));
  return { answers, violations };
}

/** A gateway that has survived is ready, and busy with nothing. */
async function unusedFields({ url }: Gateway): Promise<string[]> {
  const headers = { authorization: `Bearer ${KEYS.admin}` };
  const inFlight = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/health`, { headers })).json()) as Record<string, unknown>)['calls_in_flight'];
  for (let tries = 0; tries < 50 && (await inFlight()) !== 0; tries++) await wait(100);
  const { status } = await fetch(`${url}/ready`);
  const calls = await inFlight();
  return [...(status === 200 ? [] : [`/ready is ${status}`]), ...(calls === 0 ? [] : [`${calls} calls are in flight`])];
}

function configFor(port: number): string {
  const url = `http://127.0.0.1:${port}/v1`;
  const faults = FAULTS.map((name) => `  ${name}: { provider: up }\n`).join('');
  return `server: { drain: 0ms, body_limit: 256kb, origins: [https://app.example] }
auth:
  keys:
    - { name: plain, key: ${KEYS.plain} }
    - { name: boss, key: ${KEYS.admin}, admin: true }
log: { level: info }
timeouts: { connect: 1s, first_token: 2s, idle: 2s, response: 2s, total: 4s }
retry: { max_retries: 1, initial_delay: 5ms, max_delay: 20ms, budget: 10 }
breaker: { failures: 100000 }
resume: { grace: 200ms, keep: 1s }
passthrough: { default: up }
providers:
  up: { kind: openai-compatible, base_url: "${url}", api_key: ${PROVIDER_KEY} }
  gem: { kind: gemini, base_url: "${url}beta", api_key: ${PROVIDER_KEY} }
  oai: { kind: openai, base_url: "${url}", api_key: ${PROVIDER_KEY} }
  pplx: { kind: perplexity, base_url: "${url}", api_key: ${PROVIDER_KEY} }
  or: { kind: openrouter, base_url: "${url}", api_key: ${PROVIDER_KEY} }
models:
  chat: { provider: up }
  gemini: { provider: gem }
  responses: { provider: oai, tools_endpoint: responses }
  sonar: { provider: pplx }
  router: { provider: or }
  group: { targets: [chat, gemini], strategy: least-busy }
  chosen: { rules: [{ when: { tools: true }, use: [gemini] }, { when: { matches: hello }, use: [sonar] }], otherwise: [chat] }
${faults}`;
}
