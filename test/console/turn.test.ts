import { describe, expect, it } from 'vitest';
import {
  isOpen,
  NEW_TURN,
  nextTurn,
  type ResponseEvent,
  type ResponseFacts,
  type Turn,
} from '../../console/src/answer/turn.ts';

function response(status: string, text = ''): ResponseFacts {
  const output = text === '' ? [] : [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] }];
  return { id: 'resp_1', created_at: 1_795_521_600, status, model: 'demo', output, usage: null, error: null };
}

const EVENTS: readonly ResponseEvent[] = [
  { type: 'response.created', sequence_number: 0, response: response('queued') },
  { type: 'response.in_progress', sequence_number: 1, response: response('in_progress') },
  { type: 'response.output_text.delta', sequence_number: 2, delta: 'Hello ' },
  { type: 'response.output_text.delta', sequence_number: 3, delta: 'there' },
];
const END: ResponseEvent = {
  type: 'response.completed',
  sequence_number: 4,
  response: response('completed', 'Hello there'),
};

function heard(events: readonly ResponseEvent[], turn: Turn = NEW_TURN): Turn {
  return events.reduce(
    (before, event) => nextTurn(before, { type: 'event', event, at: event.sequence_number * 100 }),
    turn,
  );
}

describe('the life of an answer', () => {
  it('goes from sending over waiting and streaming to done', () => {
    const phases = [0, 1, 3, 4].map((count) => heard(EVENTS.slice(0, count)).phase);
    expect(phases).toEqual(['sending', 'waiting', 'streaming', 'streaming']);
    expect(heard([...EVENTS, END])).toMatchObject({ phase: 'done', text: 'Hello there', id: 'resp_1', model: 'demo' });
  });

  it('takes no event twice when a stream is taken up', () => {
    const lost = nextTurn(heard(EVENTS), { type: 'lost' });
    expect(lost.isReconnecting).toBe(true);
    expect(heard([...EVENTS, END], lost)).toMatchObject({ text: 'Hello there', phase: 'done', isReconnecting: false });
  });

  it('knows how long it took to stop, once the gateway has ended it', () => {
    const stopped = nextTurn(heard(EVENTS), { type: 'stop' });
    expect(stopped).toMatchObject({ phase: 'stopped', stopMs: null });
    expect(nextTurn(stopped, { type: 'ended', tookMs: 84 })).toMatchObject({ phase: 'stopped', stopMs: 84 });
  });

  it('says that it has no place to be streamed in, until more of it comes', () => {
    const placeless = nextTurn(heard(EVENTS), { type: 'placeless' });
    expect(placeless).toMatchObject({ isPlaceless: true, text: 'Hello there', phase: 'streaming' });
    expect(heard([...EVENTS, END], placeless)).toMatchObject({ phase: 'done', isPlaceless: false });
    expect(nextTurn(heard([...EVENTS, END]), { type: 'placeless' }).isPlaceless).toBe(false);
  });

  it('knows how long it thought, and what it thinks with', () => {
    const thought = (sequence_number: number): ResponseEvent => {
      return { type: 'response.reasoning_summary_text.delta', sequence_number, delta: 'Hm. ' };
    };
    const turn = heard([...EVENTS.slice(0, 2), thought(2), thought(3), thought(9)]);
    expect(turn).toMatchObject({ phase: 'streaming', reasoning: 'Hm. Hm. Hm. ', thinking: { since: 200, until: 900 } });
    const usage = { input_tokens: 1, output_tokens: 9, output_tokens_details: { reasoning_tokens: 7 } };
    const done = heard([{ ...END, sequence_number: 10, response: { ...response('completed', 'So.'), usage } }], turn);
    expect(done).toMatchObject({
      tokens: { input: 1, output: 9, reasoning: 7 },
      origin: { id: 'resp_1' },
      reasoning: 'Hm. Hm. Hm. ',
    });
  });

  it('is stopped with what was said, whatever comes after', () => {
    const stopped = nextTurn(heard(EVENTS.slice(0, 3)), { type: 'stop' });
    expect(heard([EVENTS[3] as ResponseEvent, END], stopped)).toBe(stopped);
    expect(stopped).toMatchObject({ phase: 'stopped', text: 'Hello ' });
    expect(isOpen(stopped)).toBe(false);
  });

  it('is whole when it had been finished before it was stopped', () => {
    const stopped = nextTurn(heard(EVENTS.slice(0, 3)), { type: 'stop' });
    const taken = nextTurn(stopped, { type: 'stored', response: response('completed', 'Hello there') });
    expect(taken).toMatchObject({ phase: 'done', text: 'Hello there' });
  });

  it('fails with the words of the gateway, and keeps what was said', () => {
    const failed = { ...response('failed'), error: { code: 'server_error', message: 'It broke.' } };
    const turn = heard([...EVENTS, { type: 'response.failed', sequence_number: 4, response: failed }]);
    expect(turn).toMatchObject({ phase: 'failed', problem: 'It broke.', code: 'server_error', text: 'Hello there' });
    expect(nextTurn(NEW_TURN, { type: 'refused', message: 'No such model.' })).toMatchObject({ phase: 'failed' });
  });
});
