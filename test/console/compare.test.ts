import { describe, expect, it } from 'vitest';
import type { EndedBody, ModelObject } from '../../console/src/feed/wire.ts';
import { type Figures, figuresOf } from '../../console/src/pages/compare/figures.ts';
import { defaultModels, NO_SETTINGS, settingsWords } from '../../console/src/pages/compare/sides.ts';
import { type Judged, verdictOf } from '../../console/src/pages/compare/verdict.ts';

const RECORD = {
  ttft_ms: 200,
  age_ms: 1200,
  completion_tokens: 8,
  cost_usd: 0.002,
  usage_source: 'provider',
  cost_source: 'table',
  attempt_count: 2,
};

function record(changes: object = {}): EndedBody {
  return { ...RECORD, usage: null, ...changes } as unknown as EndedBody;
}

describe('the figures of an answer', () => {
  it('are the tokens of its stream, and the times and the cost of its record', () => {
    expect(figuresOf({ tokens: { input: 30, output: 50 } }, record())).toEqual({
      ...{ ttftMs: 200, totalMs: 1200, tokensPerSecond: 50, input: 30, output: 50 },
      ...{ isEstimate: false, costUsd: 0.002, isCostEstimate: false, attempts: 2 },
    });
  });

  it('are those of its record where its stream was cut, and marked where they are estimates', () => {
    const cut = figuresOf({ tokens: null }, record({ usage_source: 'estimate' }));
    expect(cut).toMatchObject({ input: null, output: 8, isEstimate: true, isCostEstimate: false });
  });

  it('have a cost that is marked by its own source', () => {
    const figures = figuresOf({ tokens: null }, record({ cost_source: 'estimate' }));
    expect(figures).toMatchObject({ isEstimate: false, isCostEstimate: true });
  });

  it('are unknown without a record, and have no speed where all came at once', () => {
    expect(figuresOf({ tokens: null }, null)).toMatchObject({ totalMs: null, output: null, costUsd: null });
    expect(figuresOf({ tokens: null }, record({ ttft_ms: 1200 })).tokensPerSecond).toBeNull();
    const quick = { tokens: { input: 30, output: 500 } };
    expect(figuresOf(quick, record({ ttft_ms: 1142 })).tokensPerSecond).toBeNull();
    expect(figuresOf(quick, record({ ttft_ms: 1100 })).tokensPerSecond).toBe(5000);
  });
});

const PLAIN: Figures = figuresOf({ tokens: { input: 30, output: 50 } }, record());

function judged(figures: Partial<Figures> = {}, rest: Partial<Judged> = {}): Judged {
  return { phase: 'done', isMeasured: true, ...rest, figures: { ...PLAIN, ...figures } };
}

describe('the verdict on an answer', () => {
  it('says who was faster, cheaper and longer', () => {
    const other = judged({ totalMs: 4300, costUsd: 0.012, output: 49 });
    expect(verdictOf(judged(), other)).toBe('3.1 s faster, $0.0100 cheaper, 1 token longer.');
    expect(verdictOf(other, judged())).toBe('3.1 s slower, $0.0100 dearer, 1 token shorter.');
  });

  it('says what is equal, what is not known, and what is about so', () => {
    expect(verdictOf(judged(), judged({ totalMs: 1210 }))).toBe('As fast, at the same price, as long.');
    expect(verdictOf(judged({ costUsd: null }), judged())).toBe('As fast, price not known, as long.');
    expect(verdictOf(judged({ costUsd: 0.001, isCostEstimate: true }), judged())).toContain('≈$0.0010 cheaper');
    expect(verdictOf(judged({ costUsd: 0.001, isEstimate: true }), judged())).toContain(' $0.0010 cheaper');
  });

  it('waits for both, and judges none that has no end', () => {
    const open = judged({}, { phase: 'streaming' });
    expect(verdictOf(judged(), open)).toBe('Judged when both are complete.');
    expect(verdictOf(judged(), judged({}, { isMeasured: false }))).toBe('Judged when both are complete.');
    expect(verdictOf(judged(), judged({}, { phase: 'failed' }))).toBe('The other failed: not judged.');
    expect(verdictOf(judged({}, { phase: 'stopped' }), judged())).toBe('Stopped: not judged.');
  });
});

function model(id: string, provider: string | null): ModelObject {
  return { id, provider } as ModelObject;
}

describe('the models that are compared', () => {
  const demos = ['demo', 'demo:429', 'demo:slow'].map((id) => model(id, 'demo'));

  it('are the last one and one of another provider', () => {
    const models = [model('auto', null), model('luna', 'openai'), model('sol', 'openai'), model('sonar', 'perplexity')];
    expect(defaultModels([...models, ...demos], 'sol')).toEqual({ a: 'sol', b: 'sonar' });
    expect(defaultModels([...models, ...demos], 'gone')).toEqual({ a: 'auto', b: 'luna' });
  });

  it('are two that answer where there is only the demo, and one twice where there is only one', () => {
    expect(defaultModels(demos, '')).toEqual({ a: 'demo', b: 'demo:slow' });
    expect(defaultModels([model('m', 'up')], '')).toEqual({ a: 'm', b: 'm' });
  });
});

describe('the settings of a side', () => {
  it('are told in a few words', () => {
    expect(settingsWords(NO_SETTINGS)).toBe('');
    expect(settingsWords({ effort: 'low', temperature: 0, maxTokens: 90, system: 'Be brief' })).toBe(
      'effort low · temperature 0 · at most 90 tokens · system prompt',
    );
  });
});
