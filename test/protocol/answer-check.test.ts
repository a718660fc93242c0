import { describe, expect, it } from 'vitest';
import { createAnswerCheck } from '../../src/protocol/answer-check.ts';
import { type ChunkDelta, choiceDelta, type Delta, type FinishReason, toUsage } from '../../src/protocol/delta.ts';

function verdict(...deltas: Delta[]) {
  const check = createAnswerCheck();
  for (const delta of deltas) check.see([delta]);
  return check.verdict()?.kind ?? null;
}

function usage(completion: number, reasoning = 0): Delta {
  return { type: 'usage', usage: toUsage({ prompt: 1, completion, reasoning }) };
}

describe('createAnswerCheck', () => {
  it('finds nothing wrong with a finished answer', () => {
    expect(verdict(choiceDelta(0, { content: 'a' }), choiceDelta(0, {}, 'stop'))).toBeNull();
  });

  it('calls an answer without any choice interrupted', () => {
    expect(verdict()).toBe('interrupted');
    expect(verdict(usage(3))).toBe('interrupted');
  });

  it('calls an answer interrupted when one of its choices has no finish reason', () => {
    expect(verdict(choiceDelta(0, { content: 'a' }, 'stop'), choiceDelta(1, { content: 'b' }))).toBe('interrupted');
  });

  it('remembers a finish reason that came before the last content', () => {
    expect(verdict(choiceDelta(0, { content: 'a' }, 'stop'), choiceDelta(0, { content: 'b' }))).toBeNull();
  });

  it.each<FinishReason>(['stop', 'tool_calls'])('calls an empty answer with finish %s a failure', (finish) => {
    expect(verdict(choiceDelta(0, { content: '' }, finish))).toBe('server');
  });

  it.each<FinishReason>(['length', 'content_filter'])('takes an empty answer with finish %s', (finish) => {
    expect(verdict(choiceDelta(0, {}, finish))).toBeNull();
  });

  it('takes an empty answer on which tokens were spent, but not when they all went into reasoning', () => {
    expect(verdict(choiceDelta(0, {}, 'stop'), usage(9))).toBeNull();
    expect(verdict(choiceDelta(0, {}, 'stop'), usage(9, 9))).toBe('server');
    expect(verdict(choiceDelta(0, {}, 'stop'), usage(0))).toBe('server');
  });

  it.each<ChunkDelta>([{ reasoning_content: 'a' }, { refusal: 'a' }, { images: [{}] }, { audio: { id: 'a' } }])(
    'takes %o for content',
    (delta) => {
      expect(verdict(choiceDelta(0, delta, 'stop'))).toBeNull();
    },
  );
});
