import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { resolveTargets } from '../../src/config/config.ts';
import { alertRules } from '../../src/observe/alerts.ts';
import { createMetrics } from '../../src/observe/metrics.ts';
import { createModelLabel } from '../../src/observe/model-label.ts';
import { recordOf } from '../../src/protocol/json.ts';
import { buildCall, buildPassedCall, buildRegistry } from '../support/ended-calls.ts';
import { type Family, parseMetrics } from '../support/prometheus.ts';

const dashboard: unknown = JSON.parse(readFileSync('grafana/sluice.json', 'utf8'));
const alerts: unknown = parse(readFileSync('grafana/alerts.yaml', 'utf8'));

/** Every string under this key, wherever it stands. */
function stringsUnder(value: unknown, key: string): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => stringsUnder(one, key));
  return Object.entries(recordOf(value)).flatMap(([name, inner]) =>
    name === key && typeof inner === 'string' ? [inner] : stringsUnder(inner, key),
  );
}

/** What a gateway exposes once everything that can happen has happened. */
async function everyFamily(): Promise<ReadonlyMap<string, Family>> {
  const registry = buildRegistry();
  const metrics = createMetrics({
    version: '1',
    modelLabel: createModelLabel(() => registry),
    callsInFlight: () => 0,
    breakers: () => [{ target: 'up/m', provider: 'up', state: 'closed' }],
    lostRecords: () => 0,
    lostAnswers: () => 0,
    costOf: () => 1,
  });
  const calls = [
    buildCall({
      tries: [{ failure: 'server' }, { firstTokenAt: 9, failure: 'interrupted' }, { model: 'o', rescue: 'prefix' }],
    }),
    buildCall({ tries: [{ failure: 'lost-race' }, { model: 'o', isHedge: true }] }),
    buildCall({ error: 'upstream_error', tries: [{ failure: 'server' }, { model: 'o', failure: 'server' }] }),
  ];
  for (const call of calls) {
    call.pace.batches = 3;
    for (const attempt of call.attempts) metrics.attemptEnded(call, attempt);
    metrics.callEnded(call);
  }
  metrics.callEnded(buildPassedCall());
  const scope = { id: 'key:a', role: 'key', model: null } as const;
  metrics.budgetAlert({ scope, window: 'day', level: 'near', isFirst: true });
  return parseMetrics(await metrics.text());
}

const families = await everyFamily();
const series = [...families.values()].flatMap(({ series: all }) => [...all.keys()]);
const seriesNames = new Set(series.map((key) => key.slice(0, key.indexOf('{'))));
/** Prometheus itself adds the last two. */
const labelNames = new Set([
  ...series.flatMap((key) => [...key.matchAll(/([a-z_]+)="/g)].map(([, name]) => name)),
  'instance',
  'job',
]);

describe.each([
  ['the dashboard', stringsUnder(dashboard, 'expr'), stringsUnder(dashboard, 'query')],
  ['the alert rules', stringsUnder(alerts, 'expr'), []],
])('%s', (_name, expressions, queries) => {
  it('uses only metrics that exist', () => {
    const asked = [...expressions, ...queries].flatMap(
      (text) => text.match(/\b(sluice|process|nodejs)_[a-z0-9_]+/g) ?? [],
    );
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !seriesNames.has(name))).toEqual([]);
  });

  it('uses only labels that exist', () => {
    const grouped = expressions.flatMap((text) => [...text.matchAll(/\b(?:by|on|group_left) \(([^)]*)\)/g)]);
    const matched = [...expressions, ...queries].flatMap((text) => [...text.matchAll(/[{,]([a-z_]+)=~?"/g)]);
    const asked = [...grouped, ...matched].flatMap(([, names = '']) => names.split(', '));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.filter((name) => !labelNames.has(name))).toEqual([]);
  });

  it('has balanced brackets', () => {
    for (const expression of expressions) {
      for (const [open, close] of ['()', '{}', '[]']) {
        expect(expression.split(open ?? '').length, expression).toBe(expression.split(close ?? '').length);
      }
    }
  });
});

it('the Grafana dashboard shows every metric of Sluice', () => {
  const shown = stringsUnder(dashboard, 'expr').join(' ');
  const names = [...families.keys()].filter((name) => name.startsWith('sluice_'));
  expect(names.filter((name) => !shown.includes(name))).toEqual([]);
});

/** What the first five rules compare with. */
function limitsOf(rules: unknown): number[] {
  const limits = stringsUnder(rules, 'expr').map((text) => Number(/>=? ([\d.]+)$/.exec(text)?.[1]));
  return limits.slice(0, 5);
}

it('the shipped Prometheus alert rules are those of the default goals (targets)', () => {
  expect(readFileSync('grafana/alerts.yaml', 'utf8')).toBe(alertRules(resolveTargets()));
  expect(limitsOf(alerts)).toEqual([1.5, 3.5, 6, 0.01, 0.3]);
});

it('Prometheus alert rules hold the configured goals (targets), and name them', () => {
  const set = { ttft_p95: 800, latency_p50: 1250, latency_p95: 30_000, error_rate: 0.07, cancel_p95: 50 };
  const rules: unknown = parse(alertRules(resolveTargets(set)));
  expect(limitsOf(rules)).toEqual([0.8, 1.25, 30, 0.07, 0.05]);
  const goals = stringsUnder(rules, 'description')
    .slice(0, 5)
    .map((text) => /target is ([^.]*(?:\.\d+)?[^.]*)\./.exec(text)?.[1]);
  expect(goals).toEqual(['800 ms', '1.25 s', '30 s', 'below 7 %', 'below 50 ms']);
  expect(stringsUnder(rules, 'alert')).toEqual(stringsUnder(alerts, 'alert'));
});

it('every Prometheus alert describes what has happened', () => {
  const names = stringsUnder(alerts, 'alert');
  expect(new Set(names).size).toBe(names.length);
  expect(stringsUnder(alerts, 'summary')).toHaveLength(names.length);
  expect(stringsUnder(alerts, 'description')).toHaveLength(names.length);
});
