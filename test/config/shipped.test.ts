import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { rescueRows, rescueSummary } from '../../bench/rescues/table.ts';
import { loadConfig } from '../../src/config/load.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { buildProviders } from '../support/provider.ts';

const without = loadConfig({ path: 'config/gateway.yaml', env: {} });
const variables = [...without.providers.values()].flatMap(({ missingKey }) => missingKey ?? []);
const KEYS = Object.fromEntries(variables.map((name, index) => [name, `key-${index}`]));
const config = loadConfig({ path: 'config/gateway.yaml', env: KEYS });
const registry = createRegistry(config, buildProviders(config));

it('the shipped configuration loads without an API key, and without a warning with all of them', () => {
  expect(variables).toContain('OPENAI_API_KEY');
  expect(without.warnings).toHaveLength(variables.length);
  expect(config.warnings).toEqual([]);
});

it('the shipped configuration resolves every model that is not shut down', () => {
  const broken = registry.all().filter(({ entry, targets }) => entry.status !== 'shutdown' && targets.length === 0);
  expect(broken.map(({ id }) => id)).toEqual([]);
  expect(registry.list().length).toBeGreaterThan(100);
});

it('the shipped configuration falls back to models that can be asked', () => {
  for (const { fallbacks } of registry.list()) for (const name of fallbacks) expect(registry.find(name).id).toBe(name);
});

it('the shipped configuration has a fallback of another vendor for each model, and its way of mid-stream failover (rescue)', () => {
  const rows = rescueRows(registry);
  const vendorOf = (name: string): string | undefined => {
    const [target] = registry.find(name).targets;
    return target?.provider.name === 'openrouter' ? target.facts.upstream.split('/')[0] : target?.provider.name;
  };
  for (const { model, ways } of rows) {
    expect(
      ways.some((next) => vendorOf(next.model) !== vendorOf(model)),
      model,
    ).toBe(true);
    expect(
      ways.map((next) => next.model),
      model,
    ).not.toContain(model);
    for (const { way } of ways) expect(way, model).not.toBe('aligned');
  }
  const guide = readFileSync('docs/failover.md', 'utf8').replace(/\s+/g, ' ');
  expect(guide).toContain(rescueSummary(rows));
});

it('the shipped configuration has no fallback that costs for a free model', () => {
  for (const { model, ways } of rescueRows(registry)) {
    if (model.endsWith(':free'))
      expect(
        ways.every((next) => next.model.endsWith(':free')),
        model,
      ).toBe(true);
  }
});

it('the shipped configuration names a living replacement for every model that is shut down', () => {
  for (const { id, entry } of registry.all()) {
    if (entry.status === 'shutdown') expect(registry.find(entry.replacement ?? ''), id).toBeDefined();
  }
});

it('the shipped configuration has an as_of date for every model', () => {
  expect(config.models.filter(({ entry }) => !entry.as_of)).toEqual([]);
});

it.each([
  ['sonar', 'perplexity/perplexity/sonar'],
  ['perplexity/sonar', 'perplexity/perplexity/sonar'],
  ['sonar-pro', 'perplexity/sonar-pro'],
  ['sonar-reasoning', 'perplexity/sonar-reasoning-pro'],
  ['gpt-5.6', 'openai/gpt-5.6-sol'],
  ['openai/gpt-6-luna', 'openai/gpt-6-luna'],
  ['or/openai/gpt-6-luna', 'openrouter/openai/gpt-6-luna'],
  ['openrouter/openai/gpt-6-luna', 'openrouter/openai/gpt-6-luna'],
  ['anthropic/claude-opus-5.5', 'openrouter/anthropic/claude-opus-5.5'],
  ['openrouter/auto', 'openrouter/openrouter/auto'],
  ['gemini/gemini-3.8-flash', 'gemini/gemini-3.8-flash'],
])('the shipped configuration serves %s by %s', (name, target) => {
  expect(registry.find(name).targets.map(({ id }) => id)).toEqual([target]);
});
