import { describe, expect, it } from 'vitest';
import { createCompletion } from '../../../src/languages/chat/client-completion.ts';
import { type ChunkDelta, choiceDelta, type Delta, type Logprobs, toUsage } from '../../../src/protocol/delta.ts';
import { recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { IDENTITY } from '../../support/replay.ts';
import { schemas } from '../../support/schemas.ts';

function fold(deltas: readonly Delta[]) {
  const completion = createCompletion();
  for (const delta of deltas) completion.add([delta]);
  const body = recordOf(completion.toBody(IDENTITY));
  expect(schemas?.completion(body) ?? null).toBeNull();
  return body;
}

function messageOf(...pieces: ChunkDelta[]) {
  const body = fold([...pieces.map((piece) => choiceDelta(0, piece)), choiceDelta(0, {}, 'stop')]);
  return recordOf(recordsOf(body['choices'])[0]?.['message']);
}

describe('createCompletion (whole chat.completion)', () => {
  it('joins text, reasoning and refusal', () => {
    const message = messageOf(
      { reasoning_content: 'h' },
      { reasoning_content: 'm' },
      { content: 'a' },
      { content: 'b' },
    );
    expect(message).toEqual({ role: 'assistant', content: 'ab', refusal: null, reasoning_content: 'hm' });
    expect(messageOf({ refusal: 'n' }, { refusal: 'o' })).toMatchObject({ content: null, refusal: 'no' });
  });

  it('tells an empty text from an absent one', () => {
    expect(messageOf({ content: '' })['content']).toBe('');
    expect(messageOf({})['content']).toBeNull();
  });

  it('joins the arguments of each tool call and leaves out its index', () => {
    const open = { index: 0, id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a"' } } as const;
    const message = messageOf(
      { content: '', tool_calls: [open] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
    );
    const calls = [{ id: 'call_1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }];
    expect(message).toMatchObject({ content: null, tool_calls: calls });
    expect(recordsOf(message['tool_calls'])[0]).not.toHaveProperty('index');
  });

  it('merges reasoning details by index, and keeps encrypted ones apart by id', () => {
    const text = { type: 'reasoning.text', index: 0 };
    const secret = { type: 'reasoning.encrypted', index: 1 };
    const message = messageOf(
      { reasoning_details: [{ ...text, text: 'a' }] },
      { reasoning_details: [{ ...text, text: 'b' }] },
      { reasoning_details: [{ ...text, signature: 'sig' }] },
      { reasoning_details: [{ ...secret, id: 'x', data: '1' }] },
      { reasoning_details: [{ ...secret, id: 'y', data: '2' }] },
    );
    expect(message['reasoning_details']).toEqual([
      { ...text, text: 'ab', signature: 'sig' },
      { ...secret, id: 'x', data: '1' },
      { ...secret, id: 'y', data: '2' },
    ]);
  });

  it('joins audio pieces', () => {
    const message = messageOf(
      { audio: { id: 'audio_1', transcript: 'He' } },
      { audio: { data: 'AAA=' } },
      { audio: { transcript: 'y', expires_at: 5 } },
    );
    expect(message['audio']).toEqual({ id: 'audio_1', data: 'AAA=', transcript: 'Hey', expires_at: 5 });
  });

  it('orders choices by index and keeps the last usage', () => {
    const usage = (completion: number): Delta => ({ type: 'usage', usage: toUsage({ prompt: 1, completion }) });
    const body = fold([
      usage(1),
      choiceDelta(1, { content: 'b' }, 'stop'),
      choiceDelta(0, { content: 'a' }, 'stop'),
      usage(2),
    ]);
    expect(recordsOf(body['choices']).map((choice) => choice['index'])).toEqual([0, 1]);
    expect(recordOf(body['usage'])['completion_tokens']).toBe(2);
  });

  it('folds a hundred thousand tokens with logprobs in linear time', () => {
    const token = { token: 'a', logprob: -1, bytes: null, top_logprobs: [] };
    const logprobs: Logprobs = { content: [token], refusal: null };
    const completion = createCompletion();
    const delta: Delta = { ...choiceDelta(0, { content: 'a' }), logprobs };
    for (let count = 0; count < 100_000; count++) completion.add([delta]);
    const choice = recordsOf(recordOf(completion.toBody(IDENTITY))['choices'])[0];
    expect(recordsOf(recordOf(choice?.['logprobs'])['content'])).toHaveLength(100_000);
  });
});
