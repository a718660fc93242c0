import { describe, expect, it } from 'vitest';
import {
  type Completion,
  type CompletionChunk,
  NEW_COMPLETION,
  nextCompletion,
} from '../../console/src/answer/completion.ts';
import { ApiError } from '../../console/src/feed/client.ts';

const HEAD = nextCompletion(NEW_COMPLETION, { type: 'head', head: { model: 'demo', dropped: ['seed'] } });
const BROKEN = new ApiError('It broke off.', { status: 0, code: 'upstream_stream_interrupted', requestId: 'r1' });

function said(content: string, finish: string | null = null): CompletionChunk {
  return { choices: [{ delta: { content }, finish_reason: finish }], usage: null };
}

const USAGE: CompletionChunk = { choices: [], usage: { prompt_tokens: 9, completion_tokens: 2 } };

function heard(chunks: readonly CompletionChunk[], before: Completion = HEAD): Completion {
  return chunks.reduce((now, chunk) => nextCompletion(now, { type: 'chunk', chunk }), before);
}

describe('one of two answers', () => {
  it('goes from sending over waiting and streaming to done', () => {
    const chunks = [said(''), said('Hello'), said(' there'), said('', 'stop')];
    const phases = [0, 1, 2, 3, 4].map((count) => heard(chunks.slice(0, count)).phase);
    expect(NEW_COMPLETION.phase).toBe('sending');
    expect(phases).toEqual(['waiting', 'waiting', 'streaming', 'streaming', 'done']);
    expect(heard(chunks)).toMatchObject({ text: 'Hello there', model: 'demo', dropped: ['seed'], finish: 'stop' });
  });

  it('takes its usage, which comes after its end', () => {
    expect(heard([said('Hi', 'stop'), USAGE])).toMatchObject({ phase: 'done', tokens: { input: 9, output: 2 } });
  });

  it('keeps thoughts apart from words, and shows a refusal as words', () => {
    const thought = { choices: [{ delta: { reasoning_content: 'Hm.' }, finish_reason: null }] };
    const refusal = { choices: [{ delta: { refusal: 'I will not.' }, finish_reason: null }] };
    expect(heard([thought])).toMatchObject({ phase: 'streaming', reasoning: 'Hm.', text: '' });
    expect(heard([thought, refusal])).toMatchObject({ reasoning: 'Hm.', text: 'I will not.' });
  });

  it('keeps what was said when it fails, and says no more', () => {
    const failed = nextCompletion(heard([said('Half a')]), { type: 'refused', error: BROKEN });
    expect(failed).toMatchObject({ phase: 'failed', text: 'Half a', problem: BROKEN });
    expect(heard([said(' word')], failed)).toBe(failed);
  });

  it('keeps what was said when it is stopped, and says no more', () => {
    const stopped = nextCompletion(heard([said('Half a')]), { type: 'stop' });
    expect(stopped).toMatchObject({ phase: 'stopped', text: 'Half a' });
    expect(heard([said(' word', 'stop'), USAGE], stopped)).toBe(stopped);
    expect(nextCompletion(stopped, { type: 'refused', error: BROKEN })).toBe(stopped);
  });

  it('stays done when it is stopped too late', () => {
    const done = heard([said('All', 'stop')]);
    expect(nextCompletion(done, { type: 'stop' })).toBe(done);
  });
});
