import { describe, expect, it } from 'vitest';
import { mistakes } from '../support/config-files.ts';

const MAIN =
  'registry: models.yaml\nproviders: { p: { kind: demo } }\nauth: { keys: [{ name: blue, key: k1 }, { name: red, key: k2 }] }\n';

/** The mistakes of models beside two that are good, without the file; the models begin in line 4. */
function inModels(models: string): string[] {
  const good = 'models:\n  a: { provider: p }\n  b: { provider: p }\n';
  return mistakes(MAIN, {}, good + models).map((line) => line.replaceAll('models.yaml:', ''));
}

/** The mistakes of rules; the first of them stands in line 6. */
function inRules(...rules: readonly string[]): string[] {
  return inModels(`  r:\n    rules:\n${rules.map((rule) => `      - ${rule}\n`).join('')}`);
}

const REST = '{ use: [a] }';

describe('the check of a group', () => {
  it('accepts members alone or with their weights', () => {
    expect(inModels('  g: { targets: [a, { model: b, weight: 0.5 }], strategy: weighted }\n')).toEqual([]);
  });

  it.each([
    ['{ model: a, weight: 0 }', '4:38: models.g.targets[0].weight: expected a number greater than 0, found 0'],
    ['{ model: a, weight: -1 }', '4:38: models.g.targets[0].weight: expected a number greater than 0, found -1'],
    ['{ model: a, weight: x }', '4:38: models.g.targets[0].weight: expected a number greater than 0, found "x"'],
    ['{ weight: 1 }', '4:18: models.g.targets[0].model: expected a string, found nothing'],
    ['{ model: a, wieght: 1 }', "4:30: models.g.targets[0].wieght: unknown setting; did you mean 'weight'?"],
    ['7', '4:18: models.g.targets[0]: expected a model, or { model: a, weight: 3 }, found 7'],
  ])('requires valid weights: %s', (member, mistake) => {
    expect(inModels(`  g: { targets: [${member}], strategy: weighted }\n`)).toContain(mistake);
  });

  it('refuses weights without effect, and a strategy without effect', () => {
    expect(inModels('  g: { targets: [{ model: a, weight: 2 }] }\n')).toEqual([
      '4:30: models.g.targets[0].weight: has no effect without strategy: weighted',
    ]);
    expect(inModels('  g: { provider: p, strategy: order }\n')).toEqual([
      '4:21: models.g.strategy: has no effect without targets; rules have strategies of their own',
    ]);
    expect(inModels('  g: { provider: p, otherwise: [a] }\n')).toEqual([
      '4:21: models.g.otherwise: has no effect without rules',
    ]);
  });

  it('refuses an unknown strategy', () => {
    expect(inModels('  g: { targets: [a], strategy: cheepest }\n')).toEqual([
      '4:32: models.g.strategy: expected one of order, weighted, cheapest, fastest, least-busy, found "cheepest"; did you mean \'cheapest\'?',
    ]);
  });

  it('refuses unknown members, with weights too', () => {
    expect(inModels('  g: { targets: [{ model: aa }] }\n')).toEqual([
      "4:27: models.g.targets[0].model: expected a model, found 'aa'; did you mean 'a'?",
    ]);
  });

  it('refuses a cycle, through members with weights or through rules', () => {
    expect(inModels('  g: { targets: [a, { model: h }] }\n  h: { rules: [{ use: [g] }] }\n')).toEqual([
      '4:8: models.g.targets: leads back to itself: g → h → g',
    ]);
    expect(inModels('  r: { rules: [{ when: { tools: true }, use: [a] }], otherwise: [r] }\n')).toEqual([
      '4:8: models.r.rules: leads back to itself: r → r',
    ]);
  });
});

describe('the check of routing rules', () => {
  it('refuses a provider or targets beside them', () => {
    expect(inModels('  r: { provider: p, rules: [{ use: [a] }] }\n')).toEqual([
      '4:21: models.r.rules: expected rules or provider, found both',
    ]);
    expect(inModels('  r: { targets: [a], rules: [{ use: [a] }] }\n')).toEqual([
      '4:22: models.r.rules: expected rules or targets, found both',
    ]);
  });

  it('refuses unknown models, in otherwise too', () => {
    expect(inModels('  r: { rules: [{ when: { tools: true }, use: [aa] }], otherwise: [bb] }\n')).toEqual([
      "4:47: models.r.rules[0].use[0]: expected a model, found 'aa'; did you mean 'a'?",
      "4:67: models.r.otherwise[0]: expected a model, found 'bb'; did you mean 'b'?",
    ]);
  });

  it('requires a last rule for every request, or otherwise', () => {
    expect(inRules('{ when: { tools: true }, use: [a] }')).toEqual([
      '5:5: models.r.rules: expected a last rule without when, or otherwise: some requests match none of these',
    ]);
  });

  it('refuses a rule behind one without conditions (unreachable)', () => {
    expect(inRules(REST, '{ when: { tools: true }, use: [b] }', '{ use: [b] }')).toEqual([
      '7:9: models.r.rules[1]: can never match: rules[0], which has no conditions, takes all of its requests',
      '8:9: models.r.rules[2]: can never match: rules[0], which has no conditions, takes all of its requests',
    ]);
  });

  it.each([
    ['{ tools: true }', '{ tools: true, images: true }'],
    ['{ min_tokens: 100 }', '{ min_tokens: 200 }'],
    ['{ max_tokens: 200 }', '{ max_tokens: 100 }'],
    ['{ key: [red, blue] }', '{ key: [red] }'],
    ['{ header: { x-team: a } }', '{ header: { x-team: a, x-more: b } }'],
  ])('refuses an unreachable rule behind a wider one: %s, %s', (wide, narrow) => {
    const rules = (first: string, second: string) =>
      inRules(`{ when: ${first}, use: [a] }`, `{ when: ${second}, use: [a] }`, REST);
    expect(rules(wide, narrow)).toEqual([
      '7:9: models.r.rules[1]: can never match: rules[0] takes all of its requests',
    ]);
    expect(rules(narrow, wide)).toEqual([]);
  });

  it.each([
    ['{ min_tokens: 9, max_tokens: 8 }', '.max_tokens: can never match: expected at least min_tokens, found less'],
    ['{ matches: "" }', '.matches: expected a regular expression, found an empty one'],
    ['{ matches: [a, "(a+)+"] }', '.matches[1]: on some messages this would take forever'],
    ['{ matches: "(" }', '.matches: expected a regular expression, found one with a mistake'],
    ['{ matches: 1 }', '.matches: expected a regular expression, or a list of them, found 1'],
    ['{ key: [bleu] }', '.key[0]: can never match: no key has this name (auth.keys)'],
    ['{ key: [] }', '.key: expected at least 1 entry'],
    ['{ header: {} }', '.header: expected the name of a header and its value, found none'],
    ['{ image: true }', ".image: unknown setting; did you mean 'images'?"],
  ])('refuses conditions that can never hold: %s', (when, mistake) => {
    const found = inRules(`{ when: ${when}, use: [a] }`, REST);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(`models.r.rules[0].when${mistake}`);
    expect(found[0]).toMatch(/^6:\d+: /);
  });

  it('requires names that fit into a header', () => {
    expect(inRules('{ name: "a\\nb", use: [a] }')[0]).toContain('expected a name of letters, digits, spaces');
  });
});
