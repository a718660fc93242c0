import { describe, expect, it } from 'vitest';
import { endingFrames, isEnding } from '../../../src/http/responses/replay-ending.ts';
import { eventsIn } from '../../support/responses.ts';

const FAILURE = { code: 'server_error', message: 'The gateway was stopped while this response was running.' };

describe('the end of a stream whose process has gone', () => {
  it.each([
    ['failed', { error: FAILURE }, ['error', 'response.failed']],
    ['cancelled', {}, ['error', 'response.incomplete']],
    ['completed', {}, ['response.completed']],
    ['incomplete', {}, ['response.incomplete']],
  ])('is told as clients know it: %s', (status, rest, types) => {
    const response = { id: 'resp_1', status, ...rest };
    const text = endingFrames(response, 7);
    const events = eventsIn(text);
    expect(events.map(({ type }) => type)).toEqual(types);
    expect(events.map(({ sequence_number: number }) => number)).toEqual(types.map((_, at) => 7 + at));
    expect(events.at(-1)).toMatchObject({ response });
    expect(isEnding(text.split('\n\n').at(-2) ?? '')).toBe(true);
  });

  it('says why, flat and nested', () => {
    const [error] = eventsIn(endingFrames({ status: 'failed', error: FAILURE }, 0));
    expect(error).toMatchObject({ ...FAILURE, param: null, error: { ...FAILURE, type: 'server_error' } });
  });

  it('is told from where its reader is', () => {
    const failed = { status: 'failed', error: FAILURE };
    expect(eventsIn(endingFrames(failed, 7, 8)).map(({ type }) => type)).toEqual(['response.failed']);
    expect([endingFrames(failed, 7, 9), endingFrames({ status: 'completed' }, 7, 8)]).toEqual(['', '']);
  });

  it('is no other event', () => {
    expect(isEnding('event: response.output_item.done\ndata: {}\n\n')).toBe(false);
  });
});
