import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../src/protocol/errors.ts';
import { createRegistry, type Registry } from '../../src/routing/registry.ts';
import { load } from '../support/config-files.ts';
import { buildProvider, buildProviders } from '../support/provider.ts';

const PROVIDERS = `
timeouts: { idle: 7s, total: 1m }
passthrough: { default: a }
providers:
  a: { kind: openai, api_key: key, timeouts: { first_token: 3s, idle: 8s } }
  b: { kind: openai-compatible, base_url: http://127.0.0.1:9/v1 }
  off: { kind: gemini, api_key: "\${GEMINI_API_KEY}" }
`;

/** A registry over the providers a and b, and one that has no key. */
function registryOf(models: string): Registry {
  const config = load(`${PROVIDERS}models:\n${models}`);
  return createRegistry(config, buildProviders(config));
}

/** The message of the 404 that a name is answered with. */
function refusal(registry: Registry, name: string): string {
  try {
    registry.find(name);
  } catch (error) {
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ code: 'model_not_found', status: 404, param: 'model' });
    return (error as GatewayError).message;
  }
  throw new Error(`'${name}' was found.`);
}

describe('a model in the registry', () => {
  const registry = registryOf(`
  big:
    provider: a
    upstream: big-2026
    aliases: [large]
    context_window: 1000
    max_output_tokens: 100
    capabilities: [tools]
    reasoning_efforts: [low]
    tools_endpoint: responses
    fallbacks: [b/x]
    timeouts: { first_token: 9s }
    prices: [{ input: 1, output: 2 }]
`);

  it('carries its facts to the target', () => {
    const [target] = registry.find('big').targets;
    expect(target?.id).toBe('a/big-2026');
    expect(target?.provider.name).toBe('a');
    expect(target?.prices).toEqual([{ input: 1, output: 2 }]);
    expect(target?.facts).toEqual({
      model: 'big',
      upstream: 'big-2026',
      capabilities: ['tools'],
      contextWindow: 1000,
      maxOutputTokens: 100,
      reasoningEfforts: ['low'],
      toolsEndpoint: 'responses',
    });
    expect(registry.find('big').fallbacks).toEqual(['b/x']);
  });

  it('has the most specific policy, field by field', () => {
    expect(registry.find('big').targets[0]?.policy.timeouts).toEqual({
      firstTokenMs: 9000,
      idleMs: 8000,
      totalMs: 60_000,
      connectMs: 5000,
      responseMs: 30_000,
    });
  });

  it.each(['large', 'a/big', 'a/large'])('is also found as %s', (name) => {
    expect(registry.find(name)).toBe(registry.find('big'));
  });
});

describe('a model that is named as provider/upstream-id', () => {
  const registry = registryOf(
    '  mine: { provider: a, upstream: big, context_window: 9, aliases: [my], fallbacks: [small] }\n  small: { provider: a, fallbacks: [mine] }\n' +
      '  other: { provider: a, upstream: small, fallbacks: [mine] }\n',
  );
  const found = (name: string) => {
    const { id, fallbacks, targets } = registry.find(name);
    return [id, fallbacks, targets[0]?.facts.contextWindow];
  };

  it('inherits the facts of an entry with another name, but not its fallbacks', () => {
    expect(found('a/big')).toEqual(['mine', [], 9]);
    for (const own of ['mine', 'my', 'a/mine', 'a/my']) expect(found(own)).toEqual(['mine', ['small'], 9]);
  });

  it('is the entry of that very name, where there are several with its upstream id', () => {
    expect(found('a/small')).toEqual(['small', ['mine'], null]);
    expect(found('a/other')).toEqual(['other', ['mine'], null]);
  });
});

describe('an unlisted model', () => {
  const registry = registryOf('  big: { provider: a }\n');

  it('is available as provider/upstream-id, with no facts about it', () => {
    const model = registry.find('a/org/new-model:free');
    expect(model.id).toBe('a/org/new-model:free');
    expect(model.fallbacks).toEqual([]);
    expect(model.targets[0]?.facts).toEqual({
      model: 'a/org/new-model:free',
      upstream: 'org/new-model:free',
      capabilities: null,
      contextWindow: null,
      maxOutputTokens: null,
      reasoningEfforts: null,
      toolsEndpoint: null,
    });
    expect(model.targets[0]?.policy.timeouts.firstTokenMs).toBe(3000);
  });

  it('is unknown without a configured provider', () => {
    expect(refusal(registry, 'nobody/model')).toMatch(/^The model 'nobody\/model' does not exist\./);
    expect(refusal(registry, 'a/')).toMatch(/does not exist/);
  });
});

describe('an unavailable model', () => {
  it('is reported with the nearest names (did you mean)', () => {
    const registry = registryOf('  gpt-5-luna: { provider: a }\n  gpt-6-luna: { provider: a }\n');
    expect(refusal(registry, 'gpt-6-lunar')).toBe(
      "The model 'gpt-6-lunar' does not exist. Did you mean 'gpt-6-luna' or 'gpt-5-luna'?",
    );
    expect(refusal(registry, 'x'.repeat(5000)).length).toBeLessThan(300);
  });

  it('is reported with the environment variable to set when its provider has no API key', () => {
    const registry = registryOf('  g: { provider: off }\n');
    const reason = /provider 'off' has no key: set the environment variable GEMINI_API_KEY/;
    expect(refusal(registry, 'g')).toMatch(reason);
    expect(refusal(registry, 'off/unlisted')).toMatch(reason);
  });

  it('is reported with date and replacement when it is shut down', () => {
    const registry = registryOf(
      '  new: { provider: a }\n  old: { status: shutdown, shutdown: 2026-10-23, replacement: new }\n',
    );
    expect(refusal(registry, 'old')).toBe("The model 'old' was shut down on 2026-10-23. Use 'new' instead.");
  });

  it('is served by its replacement with redirect', () => {
    const registry = registryOf(
      '  new: { provider: a }\n  old: { status: shutdown, replacement: older, retired: redirect }\n  older: { status: shutdown, replacement: new, retired: redirect }\n',
    );
    expect(registry.find('old').id).toBe('new');
  });
});

describe('a group in the registry', () => {
  it('has the targets of its members in order, those of inner groups too, each once', () => {
    const registry = registryOf(`
  one: { provider: a, timeouts: { idle: 1s } }
  two: { provider: b, aliases: [zwei] }
  inner: { targets: [zwei, b/three] }
  outer: { targets: [one, inner, two], timeouts: { total: 5s } }
`);
    const { targets } = registry.find('outer');
    expect(targets.map(({ id }) => id)).toEqual(['a/one', 'b/two', 'b/three']);
    expect(targets.map(({ facts }) => facts.model)).toEqual(['one', 'two', 'b/three']);
    expect(targets[0]?.policy.timeouts).toMatchObject({ totalMs: 5000, idleMs: 1000, firstTokenMs: 3000 });
  });

  it('leaves out members whose provider has no API key', () => {
    const registry = registryOf('  one: { provider: a }\n  g: { provider: off }\n  group: { targets: [g, one] }\n');
    expect(registry.find('group').targets.map(({ id }) => id)).toEqual(['a/one']);
  });

  it('is unavailable when no member is available', () => {
    const registry = registryOf(
      '  old: { status: shutdown }\n  g: { provider: off }\n  group: { targets: [g, old, g] }\n',
    );
    expect(refusal(registry, 'group')).toMatch(
      /^The model 'group' cannot be served: provider 'off' has no key.*'old' was shut down/,
    );
  });

  it('takes the replacement of a member with redirect', () => {
    const registry = registryOf(
      '  new: { provider: a }\n  old: { status: shutdown, replacement: new, retired: redirect }\n  group: { targets: [old] }\n',
    );
    expect(registry.find('group').targets.map(({ id }) => id)).toEqual(['a/new']);
  });
});

describe('the model lists of the registry', () => {
  const registry = registryOf(`
  one: { provider: a, aliases: [eins] }
  g: { provider: off }
  old: { status: shutdown }
  group: { targets: [one] }
`);

  it('have the models that are available now', () => {
    expect(registry.list().map(({ id }) => id)).toEqual(['one', 'group']);
  });

  it('have all models, with the reasons, for the operator', () => {
    const all = registry.all().map(({ id, unavailableBecause }) => [id, unavailableBecause === null]);
    expect(Object.fromEntries(all)).toEqual({ one: true, g: false, old: false, group: true });
  });
});

describe('built-in models', () => {
  const kind = { needsKey: false, models: { demo: { context_window: 5 }, 'demo:429': {} } };

  function withBuiltIns(models: string): Registry {
    const config = load(`providers: { demo: { kind: demo } }\n${models}`);
    return createRegistry(config, new Map([['demo', buildProvider('demo', {}, kind)]]));
  }

  it('exist where their provider is configured', () => {
    const registry = withBuiltIns('');
    expect(registry.find('demo:429').targets[0]?.id).toBe('demo/demo:429');
    expect(registry.find('demo').targets[0]?.facts.contextWindow).toBe(5);
  });

  it('are overridden by the configuration', () => {
    const registry = withBuiltIns(
      'models: { demo: { provider: demo, context_window: 6 }, x: { provider: demo, aliases: ["demo:429"] } }',
    );
    expect(registry.find('demo').targets[0]?.facts.contextWindow).toBe(6);
    expect(registry.find('demo:429').id).toBe('x');
  });
});

describe('the passthrough provider of a model', () => {
  const registry = registryOf('  embed: { provider: b, upstream: embed-1, kind: embedding }\n  g: { provider: off }\n');

  it('is the provider of the model', () => {
    expect(registry.locate('embed')).toMatchObject({ provider: { name: 'b' }, facts: { upstream: 'embed-1' } });
    expect(registry.locate('b/whatever')).toMatchObject({ provider: { name: 'b' }, facts: { upstream: 'whatever' } });
  });

  it('is passthrough.default for unknown models', () => {
    expect(registry.locate('image-model')).toMatchObject({
      provider: { name: 'a' },
      facts: { upstream: 'image-model' },
    });
  });

  it('is missing for a model whose provider has no API key, and for unknown ones without passthrough.default', () => {
    expect(() => registry.locate('g')).toThrow(/GEMINI_API_KEY/);
    const config = load('providers: { a: { kind: openai, api_key: k } }');
    expect(() => createRegistry(config, buildProviders(config)).locate('image-model')).toThrow(/does not exist/);
  });
});
