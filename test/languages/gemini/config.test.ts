import { describe, expect, it } from 'vitest';
import { configOf, NEWEST, translate } from './translate.ts';

describe('sampling parameters for Gemini', () => {
  it('are sent to models before 3.7', () => {
    const chat = { temperature: 0.2, top_p: 0.9, top_k: 5, seed: 2 ** 31 + 7, n: 2, stop: 'END', max_tokens: 9 };
    expect(configOf(chat, 'gemini-3.6-flash')).toEqual({
      config: {
        temperature: 0.2,
        topP: 0.9,
        topK: 5,
        seed: 7,
        candidateCount: 2,
        stopSequences: ['END'],
        maxOutputTokens: 9,
      },
      dropped: [],
    });
  });

  it.each([NEWEST, 'gemini-4-argon', 'gemini-flash-latest', 'something-new'])(
    'are named as dropped at %s',
    (upstream) => {
      const { config, dropped } = configOf({ temperature: 0.2, top_p: 0.9, top_k: 5, n: 2 }, upstream);
      expect(config).toEqual({});
      expect(dropped).toEqual(['temperature', 'top_p', 'top_k', 'n']);
    },
  );

  it('are not dropped when they are the defaults', () => {
    const chat = { temperature: 1, top_p: 1, n: 1, presence_penalty: 0, logprobs: false, store: false };
    expect(translate(chat).dropped).toEqual([]);
  });

  it('without support in any model are named as dropped', () => {
    const chat = {
      presence_penalty: 1,
      frequency_penalty: 1,
      logit_bias: { 5: 1 },
      user: 'u',
      verbosity: 'low',
      stop: [...'abcdef'],
    };
    const { config, dropped } = configOf(chat);
    expect(config).toEqual({ stopSequences: [...'abcde'] });
    expect(dropped).toEqual(['logit_bias', 'user', 'verbosity', 'presence_penalty', 'frequency_penalty', 'stop']);
  });

  it('ask for logprobs where they exist', () => {
    const chat = { logprobs: true, top_logprobs: 3 };
    expect(configOf(chat, 'gemini-2.0-flash').config).toEqual({ responseLogprobs: true, logprobs: 3 });
    expect(configOf({ ...chat, stream: true }, 'gemini-2.0-flash').dropped).toEqual(['logprobs', 'top_logprobs']);
    expect(configOf(chat, 'gemini-2.5-flash').dropped).toEqual(['logprobs', 'top_logprobs']);
  });

  it('choose the output modalities', () => {
    expect(configOf({ modalities: ['text', 'image'] }).config).toEqual({ responseModalities: ['TEXT', 'IMAGE'] });
    expect(configOf({ modalities: ['text', 'audio'], audio: { voice: 'Kore', format: 'wav' } }).config).toEqual({
      responseModalities: ['AUDIO'],
      speechConfig: { voiceConfig: { prebuiltVoiceConfig: { voiceName: 'Kore' } } },
    });
    expect(configOf({ modalities: ['audio'], audio: { voice: 'alloy' } }).dropped).toEqual(['audio.voice']);
  });
});

describe('reasoning_effort for Gemini', () => {
  it.each([
    ['gemini-2.5-flash', 'none', { thinkingBudget: 0 }],
    ['gemini-2.5-pro', 'none', { thinkingBudget: 128 }],
    ['gemini-2.5-flash-lite', 'minimal', { thinkingBudget: 1024 }],
    ['gemini-2.5-flash', 'medium', { thinkingBudget: 8192, includeThoughts: true }],
    ['gemini-2.5-pro', 'max', { thinkingBudget: 24576, includeThoughts: true }],
    ['gemini-3-flash-preview', 'none', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.6-flash', 'minimal', { thinkingLevel: 'MINIMAL' }],
    ['gemini-3.1-pro-preview', 'minimal', { thinkingLevel: 'LOW' }],
    ['gemini-3.8-flash', 'minimal', { thinkingLevel: 'LOW' }],
    ['gemini-4-argon', 'xhigh', { thinkingLevel: 'HIGH', includeThoughts: true }],
  ])('of %s with effort %s', (upstream, effort, thinkingConfig) => {
    expect(configOf({ reasoning_effort: effort }, upstream).config).toEqual({ thinkingConfig });
  });

  it('that cannot be turned off is named as dropped', () => {
    expect(translate({ reasoning_effort: 'none' }, 'gemini-3.8-flash').dropped).toEqual(['reasoning_effort']);
    expect(translate({ reasoning_effort: 'none' }, 'gemini-2.5-pro').dropped).toEqual(['reasoning_effort']);
  });

  it('follows the registry for minimal', () => {
    const facts = { reasoningEfforts: ['minimal', 'low'] };
    expect(configOf({ reasoning_effort: 'minimal' }, NEWEST, facts).config).toEqual({
      thinkingConfig: { thinkingLevel: 'MINIMAL' },
    });
  });

  it('is dropped for models without reasoning', () => {
    expect(configOf({ reasoning_effort: 'low' }, 'gemini-2.0-flash')).toEqual({
      config: {},
      dropped: ['reasoning_effort'],
    });
    const facts = { capabilities: ['vision'] };
    expect(configOf({ reasoning_effort: 'low' }, 'gemini-2.5-flash-image', facts).dropped).toEqual([
      'reasoning_effort',
    ]);
  });

  it.each([
    [{ reasoning: { effort: 'low' } }, { thinkingLevel: 'LOW', includeThoughts: true }],
    [{ reasoning: { enabled: true } }, { includeThoughts: true }],
    [{ reasoning: { effort: 'low', exclude: true } }, { thinkingLevel: 'LOW' }],
    [{ include_reasoning: true }, { includeThoughts: true }],
    [{ google: { thinking_config: { include_thoughts: true } } }, { includeThoughts: true }],
    [
      { reasoning_effort: 'low', extra_body: { google: { thinking_config: { thinking_level: 'high' } } } },
      { includeThoughts: true, thinkingLevel: 'high' },
    ],
  ])('is requested by %j', (chat, thinkingConfig) => {
    expect(configOf(chat)).toEqual({ config: { thinkingConfig }, dropped: [] });
  });

  it('takes the reasoning budget of OpenRouter where Gemini has budgets', () => {
    const chat = { reasoning: { max_tokens: 500 } };
    expect(configOf(chat, 'gemini-2.5-flash').config).toEqual({
      thinkingConfig: { thinkingBudget: 500, includeThoughts: true },
    });
    expect(configOf(chat).dropped).toEqual(['reasoning.max_tokens']);
  });

  it.each([
    ['gemini-2.5-pro', 10, 128],
    ['gemini-2.5-pro', 99_999, 32768],
    ['gemini-2.5-flash', 99_999, 24576],
    ['gemini-2.5-flash', -1, -1],
  ])('of %s has a thinking budget of %i within its limits', (upstream, max_tokens, thinkingBudget) => {
    expect(configOf({ reasoning: { max_tokens } }, upstream).config).toMatchObject({
      thinkingConfig: { thinkingBudget },
    });
  });
});
