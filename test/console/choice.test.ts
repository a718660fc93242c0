import { describe, expect, it } from 'vitest';
import { chosenOf, factsOf, sectionsOf, whyNot } from '../../console/src/pages/chat/choice.ts';

type Model = Parameters<typeof factsOf>[0];

function model(id: string, facts: Partial<Model> = {}): Model {
  return {
    ...{ id, object: 'model', created: 0, owned_by: 'demo', provider: 'demo', kind: 'chat', status: 'active' },
    ...{ context_window: null, max_output_tokens: null, capabilities: null, pricing: null, shutdown_date: null },
    ...{ available: true, reason: null, aliases: [], fallbacks: [], released: null, replacement: null, as_of: null },
    ...{ strategy: null, members: null, rules: null, otherwise: null },
    ...facts,
  };
}

const GROUP = model('auto', { provider: null, members: [{ model: 'demo', weight: 1 }] });
const DEMO = model('demo', { capabilities: ['vision'], aliases: ['toy'] });
const AWAY = model('away', { provider: 'openai', available: false, reason: 'OPENAI_API_KEY is not set' });
const EMBEDDER = model('vectors', { kind: 'embedding' });
const MODELS = [EMBEDDER, AWAY, DEMO, GROUP];
const ids = (words: string, pins: readonly string[] = []) =>
  sectionsOf(MODELS, pins, words).map(({ title, models }) => [title, models.map(({ id }) => id)]);

describe('the list of models', () => {
  it('begins with groups and pinned ones, and has none that cannot chat', () => {
    const expected = [
      ['Groups', ['auto']],
      ['Pinned', ['demo']],
      ['openai', ['away']],
    ];
    expect(ids('', ['demo'])).toEqual(expected);
  });

  it('has what all words are found in', () => {
    expect(ids('TOY vision')).toEqual([['demo', ['demo']]]);
    expect(ids('toy audio')).toEqual([]);
  });

  it('says why a model cannot take a question', () => {
    const picture = [{ kind: 'image', name: 'a', url: '' }] as const;
    const paper = [{ kind: 'file', name: 'a', url: '' }] as const;
    expect(whyNot(AWAY, [])).toBe('OPENAI_API_KEY is not set');
    expect([whyNot(DEMO, picture), whyNot(DEMO, paper)]).toEqual([null, 'It reads no PDF.']);
    expect(whyNot(model('text', { capabilities: [] }), picture)).toBe('It reads no pictures.');
    // What is not known is no reason.
    expect(whyNot(model('unknown'), picture)).toBeNull();
  });

  it('tells window, price and end of a model', () => {
    const pricing = [{ input: 1, output: 2 }];
    const told = factsOf(
      model('m', { context_window: 128_000, pricing, shutdown_date: '2026-11-25' }),
      Date.parse('2026-11-24'),
    );
    expect(told).toBe('128K tokens · $1 in, $2 out · ends in 1 day');
  });
});

describe('the model that is asked', () => {
  it('is the one wanted, else auto, else the first that can be asked', () => {
    expect(chosenOf(MODELS, 'toy')?.id).toBe('demo');
    expect(chosenOf(MODELS, 'away')?.id).toBe('auto');
    expect(chosenOf([EMBEDDER, AWAY, DEMO], '')?.id).toBe('demo');
    expect(chosenOf([AWAY], '')).toBeNull();
  });

  it('is the one that is named where they cannot be listed, as nothing says that it cannot be asked', () => {
    const named = chosenOf(null, ' anything ');
    expect(named?.id).toBe('anything');
    expect(named && whyNot(named, [{ kind: 'image', name: 'a', url: '' }])).toBeNull();
    expect(chosenOf(null, ' ')).toBeNull();
  });
});
