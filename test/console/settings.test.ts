import { describe, expect, it } from 'vitest';
import {
  countSet,
  NO_SETTINGS,
  problemsOf,
  readSettings,
  toFields,
  writeSettings,
} from '../../console/src/answer/settings.ts';

const SET = {
  isStreamed: false,
  keepsPartial: false,
  effort: 'low',
  temperature: '0.5',
  maxTokens: '200',
  instructions: 'Be short.',
  schema: '{"type":"object"}',
  fallbacks: 'demo, other ,',
};

describe('the settings of a conversation', () => {
  it('add nothing to a request as they begin', () => {
    expect(toFields(NO_SETTINGS)).toEqual({});
    expect(writeSettings(NO_SETTINGS)).toBe('');
  });

  it('are fields of the request', () => {
    expect(toFields(SET)).toEqual({
      reasoning: { effort: 'low' },
      temperature: 0.5,
      max_output_tokens: 200,
      instructions: 'Be short.',
      text: { format: { type: 'json_schema', name: 'answer', schema: { type: 'object' } } },
      fallbacks: ['demo', 'other'],
    });
    expect(countSet(SET)).toBe(8);
  });

  it('are read as they were written, and from what is none as they begin', () => {
    expect(readSettings(writeSettings(SET))).toEqual(SET);
    expect(readSettings('')).toEqual(NO_SETTINGS);
    expect(readSettings('{"effort":5,"maxTokens":"9","more":1}')).toEqual({ ...NO_SETTINGS, maxTokens: '9' });
  });

  it.each([
    ['temperature', '2.1', 'from 0 to 2; found “2.1”'],
    ['temperature', 'warm', 'found “warm”'],
    ['maxTokens', '0', 'from 1; found “0”'],
    ['maxTokens', '1.5', 'found “1.5”'],
    ['schema', '[1]', 'Expected an object'],
    ['schema', '{', 'Expected JSON'],
  ] as const)('say what is wrong with %s %s, and send it not', (name, value, words) => {
    const wrong = { ...NO_SETTINGS, [name]: value };
    expect(problemsOf(wrong)[name]).toContain(words);
    expect(toFields(wrong)).toEqual({});
  });
});
