import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { openHostProblem } from '../../src/config/open-host.ts';
import { admitHost } from '../../src/config/running.ts';
import { demo } from '../../src/providers/demo/demo.ts';
import { load, mistakes, writeConfig } from '../support/config-files.ts';

/** The mistakes of a model file beside one provider named `p`. */
function inModels(models: string): string[] {
  const found = mistakes('registry: models.yaml\nproviders: { p: { kind: demo } }\n', {}, `models:\n${models}`);
  return found.map((line) => line.replaceAll('models.yaml:', ''));
}

describe('settings whose names are wrong', () => {
  it.each([
    'providers: { "bad name!": null }',
    'providers: { "bad name!": [1] }\nmodels: { "": null }',
    'providers: 5\nmodels: [null]',
    'providers: { p: null }\nmodels: { m: null, g: { targets: [null, 3], rules: 5 } }',
  ])('are told as mistakes, whatever stands under them: %s', (text) => {
    expect(mistakes(`${text}\n`).length).toBeGreaterThan(0);
  });
});

describe('names in models', () => {
  it('must be those of configured providers', () => {
    expect(inModels('  a: { provider: pp }\n')).toEqual([
      "2:18: models.a.provider: expected a configured provider, found 'pp'; did you mean 'p'?",
    ]);
  });

  it('must be those of models in fallbacks, targets and replacements', () => {
    const models = `
  first: { provider: p, fallbacks: [second, fisrt] }
  second: { targets: [first, nothing] }
  third: { status: shutdown, replacement: secnd }
`;
    expect(inModels(models)).toEqual([
      "3:45: models.first.fallbacks[1]: expected a model, found 'fisrt'; did you mean 'first'?",
      "4:30: models.second.targets[1]: expected a model, found 'nothing'",
      "5:43: models.third.replacement: expected a model, found 'secnd'; did you mean 'second'?",
    ]);
  });

  it('must be those of models in fallback.models', () => {
    const text =
      'fallback: { models: [firts] }\n' +
      'providers: { p: { kind: openai, api_key: x, fallback: { models: [p/any, secnd] } } }\n' +
      'models:\n  first: { provider: p }\n  second: { provider: p, fallback: { models: [first, thrid] } }\n';
    expect(mistakes(text)).toEqual([
      "gateway.yaml:1:22: fallback.models[0]: expected a model, found 'firts'; did you mean 'first'?",
      "gateway.yaml:2:73: providers.p.fallback.models[1]: expected a model, found a string of 5 characters; did you mean 'second'?",
      "gateway.yaml:5:54: models.second.fallback.models[1]: expected a model, found 'thrid'",
    ]);
  });

  it('may be aliases and direct ids', () => {
    expect(inModels('  a: { provider: p, aliases: [b], fallbacks: [b, p/x/y] }\n')).toEqual([]);
  });

  it('may be any built-in model of the demo provider', () => {
    const names = JSON.stringify(Object.keys(demo.models));
    expect(inModels(`  a: { provider: p, fallbacks: ${names} }\n`)).toEqual([]);
  });

  it('must be unique (duplicate name or alias)', () => {
    const models = '  a: { provider: p, aliases: [b, c] }\n  b: { provider: p, aliases: [c] }\n';
    expect(inModels(models)).toEqual([
      "2:31: models.a.aliases[0]: the name 'b' is taken by the model at 3:3",
      "3:31: models.b.aliases[0]: the name 'c' is taken by the model at 2:3",
    ]);
  });

  it('must be defined in one file only', () => {
    const main = 'registry: models.yaml\nproviders: { p: { kind: demo } }\nmodels: { a: { provider: p } }\n';
    expect(mistakes(main, {}, 'models: { a: { provider: p } }\n')).toEqual([
      'models.yaml:1:11: models.a: is also defined at gateway.yaml:3:11',
    ]);
  });
});

describe('the provider or targets of a model', () => {
  it('must be configured unless the model is shut down', () => {
    expect(inModels('  a: { context_window: 1 }\n  b: { status: shutdown }\n')).toEqual([
      "2:3: models.a: expected a provider, targets or rules (only status 'shutdown' needs none)",
    ]);
  });

  it('are either a provider or targets', () => {
    expect(inModels('  a: { provider: p }\n  b: { provider: p, targets: [a] }\n')).toEqual([
      '3:21: models.b.targets: expected provider or targets, found both',
    ]);
  });

  it('must not form a cycle, directly or through each other', () => {
    const models =
      '  a: { targets: [a] }\n  b: { targets: [p/x, c] }\n  c: { targets: [d], aliases: [e] }\n  d: { targets: [b, e] }\n';
    expect(inModels(models)).toEqual([
      '2:8: models.a.targets: leads back to itself: a → a',
      '3:8: models.b.targets: leads back to itself: b → c → d → b',
    ]);
  });

  it('must not redirect in a cycle, or to an unknown model', () => {
    const models = `
  a: { status: shutdown, retired: redirect, replacement: b }
  b: { status: shutdown, retired: redirect, replacement: a }
  c: { status: shutdown, retired: redirect }
`;
    expect(inModels(models)).toEqual([
      '3:45: models.a.replacement: leads back to itself: a → b → a',
      '5:35: models.c.retired: expected a replacement to redirect to, found none',
    ]);
  });
});

describe('prices of a model', () => {
  it('may follow each other on the same day', () => {
    const prices = '[{ input: 1, output: 2, until: 2027-01-01 }, { input: 2, output: 4, from: 2027-01-01 }]';
    expect(inModels(`  a: { provider: p, prices: ${prices} }\n`)).toEqual([]);
  });

  it('must not overlap, nor end before they begin', () => {
    const models = `
  a:
    provider: p
    prices:
      - { input: 1, output: 2, until: 2027-01-02 }
      - { input: 2, output: 4, from: 2027-01-01 }
      - { input: 2, output: 4, from: 2027-02-01, until: 2027-01-01 }
`;
    expect(inModels(models)).toEqual([
      "7:9: models.a.prices[1]: overlaps prices[0]: give each its days ('until' is not included)",
      "8:9: models.a.prices[2]: expected 'from' before 'until', found it at the same day or after",
    ]);
  });
});

describe('providers', () => {
  it.each([
    ['http://h/v1/chat/completions', '/chat/completions'],
    ['http://h/v1/chat/completions/?a=b', '/chat/completions'],
    ['https://h/v1/responses', '/responses'],
    ['https://h/v1/embeddings/', '/embeddings'],
    ['https://h/v1/models', '/models'],
  ])('require a base_url that ends with the version: %s', (url, added) => {
    expect(mistakes(`providers:\n  a: { kind: openai-compatible, base_url: "${url}" }\n`)).toEqual([
      `gateway.yaml:2:43: providers.a.base_url: expected the address up to the version, as in http://host/v1: leave out ${added}, which is added to it`,
    ]);
  });

  it('of kind openai-compatible warn of a base_url without a path', () => {
    const warningsOf = (kind: string, url: string): readonly string[] =>
      load(`providers: { a: { kind: ${kind}, api_key: k, base_url: "${url}" } }\n`).warnings;
    const warning = "the base_url of the provider 'a' has no path: most servers want one, as in http://host:11434/v1";
    expect(warningsOf('openai-compatible', 'http://127.0.0.1:1')).toEqual([warning]);
    expect(warningsOf('openai-compatible', 'http://user:word@127.0.0.1:1/')).toEqual([warning]);
    expect(warningsOf('openai-compatible', 'http://127.0.0.1:1/v1')).toEqual([]);
    expect(warningsOf('openai', 'http://127.0.0.1:1')).toEqual([]);
  });

  it('of kind openai-compatible require a base_url', () => {
    expect(mistakes('providers:\n  local: { kind: openai-compatible }\n')).toEqual([
      "gateway.yaml:2:3: providers.local: expected base_url: the kind 'openai-compatible' has no address of its own",
    ]);
  });

  it('pass Responses on only where they have any', () => {
    expect(mistakes('providers:\n  p: { kind: openai, api_key: a, responses: native }\n')).toEqual([]);
    expect(mistakes('providers:\n  p: { kind: openai, api_key: a, responses: theirs }\n')).toEqual([]);
    for (const way of ['native', 'theirs']) {
      expect(mistakes(`providers:\n  p: { kind: gemini, api_key: a, responses: ${way} }\n`)).toEqual([
        "gateway.yaml:2:45: providers.p.responses: expected chat: of the kind 'gemini' no /responses is known that could be passed on",
      ]);
    }
  });

  it('have api_key or api_keys', () => {
    expect(mistakes('providers:\n  p: { kind: openai, api_key: a, api_keys: [b] }\n')).toEqual([
      'gateway.yaml:2:34: providers.p.api_keys: expected api_key or api_keys, found both',
    ]);
  });

  it('must contain passthrough.default', () => {
    expect(mistakes('providers: { openai: { kind: openai } }\npassthrough: { default: opnai }\n')).toEqual([
      "gateway.yaml:2:25: passthrough.default: expected a configured provider, found a string of 5 characters; did you mean 'openai'?",
    ]);
  });
});

describe('auth.keys', () => {
  it('have unique names and values', () => {
    const file =
      'auth:\n  keys:\n    - { name: a, key: k1 }\n    - { name: a, key: k2 }\n    - { name: c, key: k1 }\n    - { name: d }\n';
    expect(mistakes(file)).toEqual([
      'gateway.yaml:4:15: auth.keys[1].name: another key has this same name',
      'gateway.yaml:5:23: auth.keys[2].key: another name has this same key',
      'gateway.yaml:6:7: auth.keys[3]: expected either key or sha256, found settings',
    ]);
  });
});

describe('orgs', () => {
  it('have parents of the file that are no teams', () => {
    expect(mistakes('orgs:\n  a: {}\n  b: { parent: a }\n  c: { parent: b }\n  d: { parent: e }\n')).toEqual([
      'gateway.yaml:4:16: orgs.c.parent: expected an organisation that is no team itself: teams have no teams',
      "gateway.yaml:5:16: orgs.d.parent: expected an organisation of orgs, found 'e'",
    ]);
  });

  it('are named by a key one by one or as a list, and no manager is an admin besides', () => {
    const file =
      'auth:\n  keys:\n    - { name: a, key: k1, org: x, orgs: [y] }\n    - { name: b, key: k2, kind: management, admin: true }\n';
    expect(mistakes(file)).toEqual([
      'gateway.yaml:3:7: auth.keys[0]: expected org or orgs: one of the two, found settings',
      'gateway.yaml:4:33: auth.keys[1].kind: expected kind: management or admin: true, found both',
    ]);
  });
});

describe('server.host on a public address (open host)', () => {
  it('is refused without API keys, with the reason', () => {
    expect(mistakes('server:\n  host: 0.0.0.0\n')).toEqual([
      expect.stringMatching(
        /^gateway\.yaml:2:9: server\.host: no keys are configured, and '0\.0\.0\.0' can be reached/,
      ),
    ]);
    expect(mistakes('server: { host: 0.0.0.0 }\nauth: { keys: [{ name: a, key: k }] }\n')).toEqual([]);
  });

  it('is judged after the override of the command line', () => {
    const open = writeConfig('server: { host: 0.0.0.0 }');
    expect(loadConfig({ path: open, env: {}, host: { from: '--host', value: '127.0.0.1' } }).server.host).toBe(
      '127.0.0.1',
    );
    const path = writeConfig('providers: { demo: { kind: demo } }');
    const opened = loadConfig({ path, env: {}, host: { from: 'HOST', value: '::' } });
    expect(() => admitHost(opened, false)).toThrow(/^HOST: no keys are configured, and '::' can be reached/m);
  });

  it('is none where the database holds keys', () => {
    const path = writeConfig('providers: { demo: { kind: demo } }\nserver: { host: 0.0.0.0 }');
    expect(() => admitHost(loadConfig({ path, env: {} }), true)).not.toThrow();
  });

  it.each(['localhost', '127.0.0.1', '127.8.9.1', '::1', '[::1]', '::ffff:127.0.0.1'])('is not %s', (host) => {
    expect(openHostProblem(host, 0)).toBeNull();
  });

  it.each(['0.0.0.0', '::', '192.168.1.2', '127.evil.example', 'example.com', ''])('is %j', (host) => {
    expect(openHostProblem(host, 0)).not.toBeNull();
    expect(openHostProblem(host, 1)).toBeNull();
  });
});
