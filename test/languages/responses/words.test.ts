import { describe, expect, it } from 'vitest';
import {
  createId,
  createItemId,
  type Envelope,
  openEnvelope,
  sealEnvelope,
} from '../../../src/languages/responses/words.ts';
import { createTextParser } from '../../../src/protocol/json-budget.ts';

const ENVELOPES: readonly Envelope[] = [
  { provider: 'google', kind: 'thought-signature', data: 'sig+/=', callId: 'call_1', answeredBy: 'vertex' },
  { provider: 'openai', kind: 'encrypted-reasoning', data: 'gAAAA', callId: null, answeredBy: null },
  {
    provider: 'google-gemini-v1',
    kind: 'reasoning-detail',
    data: { type: 'reasoning.encrypted', data: 'é' },
    callId: null,
    answeredBy: null,
  },
  { provider: 'sluice', kind: 'summary', data: 'They spoke of 模型.', callId: null, answeredBy: null },
];

describe('envelopes', () => {
  it.each(ENVELOPES)('come back as they were sealed: $kind', (envelope) => {
    const text = sealEnvelope(envelope);
    expect(text).toMatch(/^sl1\.[\w-]+$/);
    expect(openEnvelope(text)).toEqual(envelope);
  });

  it.each([
    ['another blob', 'gAAAAABo'],
    ['nothing', ''],
    ['no JSON', 'sl1.!!!!'],
    ['a list', sealed([])],
    ['another version', sealed({ v: 2, provider: 'google', kind: 'thought-signature', data: 's' })],
    ['another kind', sealed({ v: 1, provider: 'google', kind: 'constructor', data: 's' })],
    ['a signature that is none', sealed({ v: 1, provider: 'google', kind: 'thought-signature', data: { a: 1 } })],
    ['a detail that is none', sealed({ v: 1, provider: 'x', kind: 'reasoning-detail', data: 's' })],
  ])('are not made of %s', (_, text) => {
    expect(openEnvelope(text)).toBeNull();
  });

  it('are opened within the bounds of a request', () => {
    const zeros = Array.from({ length: 300_000 }, () => 0);
    const text = sealed({ v: 1, provider: 'x', kind: 'reasoning-detail', data: { zeros } });
    expect(openEnvelope(text, createTextParser())).toBeNull();
  });
});

function sealed(value: unknown): string {
  return `sl1.${Buffer.from(JSON.stringify(value)).toString('base64url')}`;
}

describe('ids', () => {
  const sources = { now: () => 0x19abcdef012, randomHex: (digits: number) => 'f'.repeat(digits) };

  it('have the time first and are as long as those of OpenAI', () => {
    expect(createId('resp', sources)).toBe(`resp_019abcdef012${'f'.repeat(36)}`);
  });

  it('tell the type of an item', () => {
    const prefixes = ['message', 'reasoning', 'function_call', 'custom_tool_call_output', '__proto__'].map(
      (type) => createItemId(type, sources).split('_')[0],
    );
    expect(prefixes).toEqual(['msg', 'rs', 'fc', 'ctco', 'item']);
  });
});
