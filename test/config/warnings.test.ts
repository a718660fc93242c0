import { describe, expect, it } from 'vitest';
import { load } from '../support/config-files.ts';

function warningsOf(models: string): string[] {
  const { warnings } = load(`providers: { p: { kind: demo } }\nmodels:\n${models}`);
  return warnings.map((text) => text.replace(/^\S*gateway\.yaml:/, ''));
}

describe('the warning of a fallback without effect', () => {
  it('names a model among its own fallbacks, by any of its names', () => {
    const fallbacks = '[b, a, alias, p/up]';
    expect(
      warningsOf(
        `  b: { provider: p }\n  a: { provider: p, upstream: up, aliases: [alias], fallbacks: ${fallbacks} }\n`,
      ),
    ).toEqual([
      "4:3: fallbacks[1] of 'a' is the model itself, and has no effect",
      "4:3: fallbacks[2] of 'a' is the model itself, and has no effect",
      "4:3: fallbacks[3] of 'a' is the model itself, and has no effect",
      "4:3: fallbacks[2] of 'a' is the same model as fallbacks[1]",
    ]);
  });

  it('names a duplicate in one list, and not a model that is in two lists', () => {
    const models = '  b: { provider: p, aliases: [c] }\n';
    expect(warningsOf(`${models}  g: { targets: [b, { model: c, weight: 2 }], strategy: weighted }\n`)).toEqual([
      "4:3: targets[1] of 'g' is the same model as targets[0]",
    ]);
    const rules = '[{ when: { tools: true }, use: [b] }, { use: [b, p/x, b] }]';
    expect(warningsOf(`${models}  r: { rules: ${rules}, otherwise: [b, b] }\n`)).toEqual([
      "4:3: rules[1].use[2] of 'r' is the same model as rules[1].use[0]",
      "4:3: otherwise[1] of 'r' is the same model as otherwise[0]",
    ]);
  });
});

describe('the warning of usage.path beside database.url', () => {
  it('says which of them counts', () => {
    const both = load('database: { url: "postgres://ann:s3cret@db/sluice" }\nusage: { path: a.db }\n');
    expect(both.warnings).toEqual(['usage.path has no effect: database.url says where usage is kept']);
    expect(both.database.shown).toBe('postgres://ann:***@db/sluice');
    expect(load('usage: { path: a.db }\n').warnings).toEqual([]);
  });
});

describe('the warning of models that keys and organisations name', () => {
  const MODELS =
    'providers: { p: { kind: demo }, q: { kind: openai, api_key: k } }\nmodels:\n  gpt-x: { provider: q, aliases: [best] }\n' +
    '  auto: { targets: [gpt-x, demo] }\n';
  const of = (rest: string): string[] =>
    load(MODELS + rest).warnings.map((text) => text.replace(/^\S*gateway\.yaml:\d+:\d+: /, ''));

  it('says which of a list none is called', () => {
    const known = '[gpt-x, best, auto, demo, "demo:*", "gpt-*", "q/*", q/unlisted, "*-mini", "*"]';
    const unknown = '[gtp-x, "gtp-*", r/gpt-x, q/]';
    const list = (models: string): string =>
      `auth: { keys: [{ name: a, key: "a-key-of-16-letters", models: ${models} }] }\norgs: { o: { models: ${models} } }\n`;
    expect(of(list(known))).toEqual([]);
    expect(of(list(unknown))).toEqual(
      ["the key 'a'", "the organisation 'o'"].flatMap((owner) =>
        ['is the name of no', 'matches no', 'is the name of no', 'is the name of no'].map(
          (what, index) => `models[${index}] of ${owner} ${what} model`,
        ),
      ),
    );
  });

  it('says which of limits.models has no effect, and why', () => {
    const limits = (names: readonly string[]): string =>
      `orgs: { o: { limits: { models: { ${names.map((name) => `"${name}": { rpm: 1 }`).join(', ')} } } } }\n`;
    expect(of(limits(['gpt-x', 'demo', 'q/unlisted']))).toEqual([]);
    const text = (name: string, why: string): string =>
      `limits.models of the organisation 'o' has no effect for '${name}': ${why}`;
    expect(of(limits(['gtp-x', 'gpt-*', 'best', 'q/gpt-x', 'auto']))).toEqual([
      text('gtp-x', 'no model has this id'),
      text('gpt-*', 'no model has this id'),
      text('best', "limits go by the id of a model, which is 'gpt-x'"),
      text('q/gpt-x', "limits go by the id of a model, which is 'gpt-x'"),
      text('auto', 'it is a group, and limits hold for the models that answer'),
    ]);
  });
});
