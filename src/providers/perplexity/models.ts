import type { JsonRecord } from '../../protocol/json.ts';

const SONAR = 'perplexity/sonar';

/**
 * Perplexity's own mapping of the ids of its former chat API (September 2026). A preset alone may run a model of
 * another vendor: the model is pinned, the preset then gives its depth of research.
 */
const FORMER_IDS = new Map<string, JsonRecord>([
  ['sonar', { model: SONAR }],
  ['sonar-pro', { model: SONAR, preset: 'fast' }],
  ['sonar-reasoning', { model: SONAR, preset: 'medium' }],
  ['sonar-reasoning-pro', { model: SONAR, preset: 'medium' }],
  ['sonar-deep-research', { model: SONAR, preset: 'high' }],
]);

/** How an upstream id is asked for: a model, a former id, or `preset:<name>` for a model of Perplexity's choosing. */
export function toModelFields(upstream: string): JsonRecord {
  if (upstream.startsWith('preset:')) return { preset: upstream.slice('preset:'.length) };
  return FORMER_IDS.get(upstream.replace(/^perplexity\//, '')) ?? { model: upstream };
}

/** Perplexity's own models have always searched; the others search when the request says so. */
export function searchesByDefault(upstream: string): boolean {
  return toModelFields(upstream)['model'] === SONAR;
}
