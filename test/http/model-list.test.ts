import { describe, expect, it } from 'vitest';
import { toModelObject } from '../../src/http/model-list.ts';
import { createRegistry } from '../../src/routing/registry.ts';
import { load } from '../support/config-files.ts';
import { buildProviders } from '../support/provider.ts';
import { schemas } from '../support/schemas.ts';

const config = load(`
providers: { a: { kind: demo }, b: { kind: demo } }
models:
  full:
    provider: a
    status: deprecated
    released: 2026-09-22
    shutdown: 2027-01-14
    context_window: 1000
    max_output_tokens: 100
    capabilities: [tools]
    prices: [{ input: 1, output: 2 }]
  bare: { provider: a }
  group: { targets: [full, b/x] }
`);
const registry = createRegistry(config, buildProviders(config));

describe('a model in GET /v1/models', () => {
  it('has the facts of the registry', () => {
    expect(toModelObject(registry.find('full'))).toEqual({
      id: 'full',
      object: 'model',
      created: 1_790_035_200,
      owned_by: 'a',
      provider: 'a',
      context_window: 1000,
      max_output_tokens: 100,
      capabilities: ['tools'],
      pricing: [{ input: 1, output: 2 }],
      status: 'deprecated',
      shutdown_date: '2027-01-14',
    });
  });

  it('has null for unknown facts', () => {
    expect(toModelObject(registry.find('bare'))).toMatchObject({
      created: 0,
      context_window: null,
      capabilities: null,
      pricing: null,
      status: 'active',
      shutdown_date: null,
    });
  });

  it('has no single provider when it is a group over several', () => {
    expect(toModelObject(registry.find('group'))).toMatchObject({ provider: null, owned_by: 'sluice' });
  });

  it.skipIf(schemas === null)('conforms to the OpenAI schema (needs OPENAI_SCHEMA_DIR)', () => {
    for (const name of ['full', 'bare', 'group', 'b/unlisted']) {
      expect(schemas?.model(toModelObject(registry.find(name)))).toBeNull();
    }
    expect(schemas?.models({ object: 'list', data: registry.list().map(toModelObject) })).toBeNull();
  });
});
