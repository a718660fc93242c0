import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { type ChunkDelta, choiceDelta, type Delta, type FinishReason, toUsage } from '../../src/protocol/delta.ts';
import { Tally } from '../../src/protocol/tally.ts';
import { requestOf } from '../support/asked.ts';

const CHAT: ChatRequest = { model: 'm', messages: [{ role: 'user', content: 'Hello' }] };
const REQUEST = requestOf(CHAT);

function verdictOn(chat: ChatRequest, ...deltas: Delta[]) {
  const tally = new Tally();
  for (const delta of deltas) tally.add([delta]);
  return tally.verdict(requestOf(chat))?.kind ?? null;
}

function verdict(...deltas: Delta[]) {
  return verdictOn(CHAT, ...deltas);
}

function usage(completion: number, reasoning = 0): Delta {
  return { type: 'usage', usage: toUsage({ prompt: 1, completion, reasoning }) };
}

describe('Tally: whether an answer is whole (complete)', () => {
  it('accepts an answer with its finish_reason', () => {
    expect(verdict(choiceDelta(0, { content: 'a' }), choiceDelta(0, {}, 'stop'))).toBeNull();
  });

  it('reports an answer without any choice as interrupted', () => {
    expect(verdict()).toBe('interrupted');
    expect(verdict(usage(3))).toBe('interrupted');
  });

  it('reports an answer as interrupted when one of its choices has no finish_reason', () => {
    expect(verdict(choiceDelta(0, { content: 'a' }, 'stop'), choiceDelta(1, { content: 'b' }))).toBe('interrupted');
  });

  it('remembers a finish_reason that came before the last content', () => {
    expect(verdict(choiceDelta(0, { content: 'a' }, 'stop'), choiceDelta(0, { content: 'b' }))).toBeNull();
  });

  it.each<FinishReason>(['stop', 'tool_calls'])(
    'reports an empty answer with finish_reason %s as a failure',
    (finish) => {
      expect(verdict(choiceDelta(0, { content: '' }, finish))).toBe('server');
    },
  );

  it.each<FinishReason>(['length', 'content_filter'])('accepts an empty answer with finish_reason %s', (finish) => {
    expect(verdict(choiceDelta(0, {}, finish))).toBeNull();
  });

  it('reports an answer without content as a failure, however many tokens were spent on it', () => {
    for (const count of [usage(9), usage(9, 9), usage(0)]) {
      expect(verdict(choiceDelta(0, {}, 'stop'), count)).toBe('server');
    }
    expect(verdict(choiceDelta(0, {}, 'stop'), choiceDelta(1, {}, 'stop'), usage(9))).toBe('server');
  });

  it('accepts an answer without content where tool calls are not allowed and tokens were spent', () => {
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const stop = choiceDelta(0, {}, 'stop');
    expect(verdictOn({ ...CHAT, tools, tool_choice: 'none' }, stop, usage(9))).toBeNull();
    expect(verdictOn({ ...CHAT, tools, tool_choice: 'none' }, stop, usage(0))).toBe('server');
    expect(verdictOn({ ...CHAT, tools, tool_choice: 'none' }, stop)).toBe('server');
    expect(verdictOn({ ...CHAT, tools, tool_choice: 'auto' }, stop, usage(9))).toBe('server');
    expect(verdictOn({ ...CHAT, tools: [], tool_choice: 'none' }, stop, usage(9))).toBe('server');
  });

  it.each<ChunkDelta>([
    { reasoning_content: 'a' },
    { reasoning_details: [{ type: 'reasoning.summary', summary: 'a' }] },
    { refusal: 'a' },
    { images: [{}] },
    { audio: { id: 'a', data: 'AAAA' } },
    { function_call: { name: 'f' } },
  ])('takes %j for visible content (first token)', (delta) => {
    expect(verdict(choiceDelta(0, delta, 'stop'), usage(9))).toBeNull();
  });

  it.each<ChunkDelta>([
    { reasoning_details: [{ type: 'reasoning.encrypted', data: 'AAAA' }] },
    { annotations: [{ type: 'url_citation', url_citation: { start_index: 0, end_index: 0, url: 'u', title: '' } }] },
    { audio: { id: 'a' } },
    { function_call: {} },
    { tool_calls: [] },
  ])('takes %j for no content (no first token)', (delta) => {
    expect(verdict(choiceDelta(0, delta, 'stop'), usage(9))).toBe('server');
  });
});

describe('Tally: the usage of an attempt', () => {
  it('is nothing as long as nothing came', () => {
    const tally = new Tally();
    tally.add([choiceDelta(0, { role: 'assistant', content: '' })]);
    expect([tally.usage(REQUEST), tally.isReported()]).toEqual([null, false]);
  });

  it('is what the provider reports, the last report first', () => {
    const tally = new Tally();
    const counts = [1, 7].map((completion) => toUsage({ prompt: 3, completion }));
    tally.add(counts.map((usage) => ({ type: 'usage', usage })));
    expect([tally.usage(REQUEST), tally.isReported()]).toEqual([counts[1], true]);
  });

  it('is estimated from all content: text, reasoning, tool calls', () => {
    const tally = new Tally();
    const call = { index: 0, function: { arguments: 'y'.repeat(40) } };
    tally.add([choiceDelta(0, { content: 'x'.repeat(40), reasoning_content: 'z'.repeat(40), tool_calls: [call] })]);
    expect(tally.usage(REQUEST)).toMatchObject({ prompt_tokens: 6, completion_tokens: 30, total_tokens: 36 });
    expect(tally.isReported()).toBe(false);
  });
});
