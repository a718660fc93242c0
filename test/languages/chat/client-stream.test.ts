import { describe, expect, it } from 'vitest';
import { ChunkStream } from '../../../src/languages/chat/client-stream.ts';
import { batchOf, type ChunkDelta, choiceDelta, type Delta, toUsage } from '../../../src/protocol/delta.ts';
import { parseJson } from '../../../src/protocol/json.ts';
import { IDENTITY } from '../../support/replay.ts';
import { checkStream } from '../../support/stream-rules.ts';

function emit(deltas: readonly Delta[], includeUsage = false): string {
  const envelope = new ChunkStream(IDENTITY, includeUsage);
  return deltas.map((delta) => envelope.push(batchOf([delta]))).join('') + envelope.end();
}

function say(content: string, index = 0): Delta {
  return choiceDelta(index, { content });
}

function chunksOf(text: string): unknown[] {
  return text
    .split('\n\n')
    .slice(0, -2)
    .map((event) => parseJson(event.slice('data: '.length)));
}

const USAGE: Delta = { type: 'usage', usage: toUsage({ prompt: 3, completion: 4 }) };

describe('ChunkStream (stream chunks)', () => {
  it('opens a choice with role, content and refusal', () => {
    const [first] = chunksOf(emit([say('Hi'), choiceDelta(0, {}, 'stop')]));
    expect(first).toEqual({
      ...IDENTITY,
      object: 'chat.completion.chunk',
      choices: [
        { index: 0, delta: { role: 'assistant', content: 'Hi', refusal: null }, logprobs: null, finish_reason: null },
      ],
    });
  });

  it('opens a choice with null content when a tool call comes first', () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'now', arguments: '{}' } } as const;
    const text = emit([choiceDelta(0, { tool_calls: [call] }, 'tool_calls')]);
    expect(text).toContain('"content":null');
    expect(checkStream(text).choices[0]?.toolCalls).toEqual([
      { id: 'call_1', type: 'function', name: 'now', arguments: '{}' },
    ]);
  });

  it('sends an early or repeated finish_reason once, after all content, and the last one counts', () => {
    const deltas = [choiceDelta(0, { content: 'a' }, 'stop'), say('b'), choiceDelta(0, {}, 'length')];
    expect(checkStream(emit(deltas)).choices[0]).toMatchObject({ text: 'ab', finish: 'length' });
  });

  it('finishes interleaved choices each on its own, in the order of their indexes', () => {
    const deltas = [say('b', 1), say('a', 0), choiceDelta(1, {}, 'stop'), say('A', 0), choiceDelta(0, {}, 'length')];
    const { choices } = checkStream(emit(deltas));
    expect(choices.map(({ text, finish }) => [text, finish])).toEqual([
      ['aA', 'length'],
      ['b', 'stop'],
    ]);
  });

  it('sends the last usage once, with stream_options.include_usage', () => {
    const deltas = [USAGE, say('a'), choiceDelta(0, {}, 'stop'), USAGE];
    expect(checkStream(emit(deltas, true), { includeUsage: true }).usage).toMatchObject({ total_tokens: 7 });
    expect(emit(deltas)).not.toContain('usage');
  });

  it('sends zeros when usage was asked for and the provider counts nothing', () => {
    const text = emit([say('a'), choiceDelta(0, {}, 'stop')], true);
    expect(checkStream(text, { includeUsage: true }).usage).toMatchObject({ total_tokens: 0 });
  });

  it('leaves out empty deltas', () => {
    const nothing: ChunkDelta = { content: '', tool_calls: [], refusal: null };
    const text = emit([say('a'), choiceDelta(0, nothing), choiceDelta(0, {}, 'stop')]);
    expect(chunksOf(text)).toHaveLength(2);
  });

  it('puts citations and moderation on the finish chunk, service_tier and system_fingerprint on every chunk', () => {
    const fields = { service_tier: 'default', system_fingerprint: 'fp', citations: ['https://a.example'] };
    const text = emit([{ type: 'answer', fields }, say('a'), choiceDelta(0, {}, 'stop')]);
    const [first, last] = chunksOf(text);
    expect(first).toMatchObject({ service_tier: 'default', system_fingerprint: 'fp' });
    expect(first).not.toHaveProperty('citations');
    expect(last).toMatchObject({ citations: ['https://a.example'] });
    checkStream(text);
  });

  it('escapes text that would break the SSE framing', () => {
    const text = emit([say('line\r\n\r\ndata: [DONE]\u2028'), choiceDelta(0, {}, 'stop')]);
    expect(checkStream(text).choices[0]?.text).toBe('line\r\n\r\ndata: [DONE]\u2028');
  });
});
