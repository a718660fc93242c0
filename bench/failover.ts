/**
 * `npm run failover`, or `npm run failover -- fast`: sixteen ways in which a provider fails, at full speed and over
 * real sockets, against a gateway with default settings; a Markdown table of what the caller got.
 */
import { startGatewayProcess } from '../lab/gateway.ts';
import { toHead, toLine } from './compare/table.ts';
import { ask, askPlainly, type Result } from './failover/client.ts';
import { FAST, FULL } from './failover/faults.ts';
import { sitOut } from './failover/outage.ts';
import { HARDER, SCENARIOS, type Scenario } from './failover/scenarios.ts';
import { settingsFor } from './failover/settings.ts';
import { TEXT } from './failover/text.ts';
import { judge, type Verdict } from './failover/verdict.ts';
import { startWall, type WallAttempt } from './failover/wall.ts';

/** A token that comes this much later than the provider sent it has been held back. */
const MAX_LAG_MS = 50;

const isFast = process.argv.includes('fast');
const timing = isFast ? FAST : FULL;
const wall = await startWall(timing);
// An outage a tenth as long wants a breaker that tries again sooner.
const gateway = await startGatewayProcess(settingsFor(wall.baseUrl, isFast ? 'breaker: { open_for: 2s }\n' : ''), {
  log: 'silent',
});

interface Row {
  readonly verdict: Verdict;
  readonly notes: readonly string[];
  readonly primary: readonly WallAttempt[];
  readonly fallback: readonly WallAttempt[];
  readonly results: readonly Result[];
  /** How much later than the wall spoke its first word the caller heard it; null when nothing was heard. */
  readonly lagMs: number | null;
}

async function run(scenario: Scenario): Promise<Row> {
  const { id, fallback: name, maxMs } = scenario;
  wall.reset();
  const isOutage = id === 's15';
  const outage = isOutage ? await sitOut(wall, gateway.url, id, timing) : null;
  const results = outage?.results ?? [await ask(gateway.url, id, maxMs)];
  const primary = wall.attempts(id);
  const fallback = wall.attempts(name === 'ok-refuses-prefix' ? 'ok-no-prefix' : name);
  // Now: a word that is spoken after the caller has left counts for nothing.
  const lagMs = lagOf([...primary, ...fallback], results);
  const isAlive = (await askPlainly(gateway.url, 'ok')) === TEXT;
  const [result] = results;
  const seen = { primary, fallback, results, lagMs };
  if (outage || result === undefined) return { verdict: 'FAIL', notes: [], ...seen, ...outage };
  return { ...judge(scenario, { result, primary, fallback, isAlive }), ...seen };
}

function lagOf(attempts: readonly WallAttempt[], [result]: readonly Result[]): number | null {
  const spoken = attempts.map(({ firstTokenAtMs }) => firstTokenAtMs).filter((at) => at !== null);
  return result?.firstTokenMs == null || spoken.length === 0 ? null : result.firstTokenMs - Math.min(...spoken);
}

function lineOf({ id, title }: Scenario, row: Row): string {
  const wallMs = row.results.reduce((sum, { wallMs }) => sum + wallMs, 0);
  const first = row.results[0]?.firstTokenMs ?? null;
  const lag = row.lagMs ?? 0;
  const cells = [
    `${id.toUpperCase()} ${title}`,
    row.verdict,
    row.primary.length,
    row.fallback.length,
    `${(wallMs / 1000).toFixed(2)} s`,
    first === null ? '–' : `${(first / 1000).toFixed(2)} s`,
    [...row.notes, ...(lag > MAX_LAG_MS ? [`first token held back for ${lag.toFixed(0)} ms`] : [])].join('; '),
  ];
  return toLine(cells);
}

const HEAD = toHead(['scenario', 'verdict', 'primary', 'fallback', 'time', 'first token', 'note']);

async function runAll(title: string, scenarios: readonly Scenario[]): Promise<Row[]> {
  process.stdout.write(`\n${title}\n\n${HEAD}`);
  const rows: Row[] = [];
  for (const scenario of scenarios) {
    const row = await run(scenario);
    rows.push(row);
    process.stdout.write(lineOf(scenario, row));
  }
  return rows;
}

const startedAt = performance.now();
const rows = await runAll(
  `The sixteen${isFast ? ', compressed' : ''}: attempts on each model, times of the caller`,
  SCENARIOS,
);
const harder = await runAll('Harder than asked: fallbacks that do not make it easy', HARDER);
const lags = [...rows, ...harder].map(({ lagMs }) => lagMs).filter((lag) => lag !== null);
const maxLag = Math.max(...lags);
const passed = rows.filter(({ verdict }) => verdict === 'PASS').length;
const isGood = passed === rows.length && harder.every(({ verdict }) => verdict === 'PASS') && maxLag <= MAX_LAG_MS;
process.stdout.write(
  `\nFirst tokens reach the caller at most ${maxLag.toFixed(0)} ms after the provider sent them; ` +
    `${((performance.now() - startedAt) / 1000).toFixed(0)} s in all.\n\n${passed}/${rows.length}\n`,
);
gateway.stop();
await gateway.ended;
wall.close();
process.exit(isGood ? 0 : 1);
