import { describe, expect, it } from 'vitest';
import { type ChunkDelta, choiceDelta, type Delta, type FinishReason } from '../../../src/protocol/delta.ts';
import { recordsOf } from '../../../src/protocol/json.ts';
import { checkResponsesStream, streamOf } from '../../support/responses.ts';

function write(deltas: readonly (ChunkDelta | Delta)[], finish: FinishReason = 'stop') {
  const all = [...deltas, choiceDelta(0, {}, finish)].map((delta) => ('type' in delta ? delta : choiceDelta(0, delta)));
  const { events, response } = checkResponsesStream(streamOf(all.map((delta) => [delta])));
  return { events, output: recordsOf(response['output']), status: response['status'] };
}

const CONTAINER = expect.stringMatching(/^cntr_/);

describe('code that a provider ran', () => {
  it('is an item with the events of OpenAI, between messages', () => {
    const { events, output } = write([
      { content: 'I compute.' },
      { code_runs: [{ index: 0, code: 'print(' }] },
      { code_runs: [{ index: 0, code: '42)' }] },
      { code_runs: [{ index: 0, output: '42\n', outcome: 'completed' }] },
      { content: 'It is 42.' },
    ]);
    const [, code] = output;
    expect(output.map(({ type }) => type)).toEqual(['message', 'code_interpreter_call', 'message']);
    expect(code).toEqual({
      id: expect.stringMatching(/^ci_/),
      type: 'code_interpreter_call',
      status: 'completed',
      container_id: CONTAINER,
      code: 'print(42)',
      outputs: [{ type: 'logs', logs: '42\n' }],
    });
    const told = events.filter(({ output_index: at }) => at === 1);
    expect(told.map(({ type }) => String(type).replace('response.', ''))).toEqual([
      'output_item.added',
      'code_interpreter_call.in_progress',
      'code_interpreter_call_code.delta',
      'code_interpreter_call_code.delta',
      'code_interpreter_call_code.done',
      'code_interpreter_call.interpreting',
      'code_interpreter_call.completed',
      'output_item.done',
    ]);
    expect(told[0]?.['item']).toMatchObject({ status: 'in_progress', container_id: CONTAINER, code: '', outputs: [] });
    expect(told[4]).toMatchObject({ item_id: code?.['id'], code: 'print(42)' });
  });

  it('runs in one container for all of an answer: the one that the provider names', () => {
    const run = { code: 'a', output: 'b', outcome: 'completed' } as const;
    const { output } = write([
      { code_runs: [{ index: 0, container: 'box-1', ...run }] },
      { code_runs: [{ index: 1, ...run }] },
    ]);
    expect(output.map(({ container_id }) => container_id)).toEqual(['box-1', 'box-1']);
  });

  it('has failed where the provider gave up, without having completed', () => {
    const { events, output, status } = write([
      { code_runs: [{ index: 0, code: 'a', output: 'b', outcome: 'failed' }] },
    ]);
    expect(output).toMatchObject([{ status: 'failed', outputs: [{ logs: 'b' }] }]);
    expect(events.map(({ type }) => type)).not.toContain('response.code_interpreter_call.completed');
    expect(status).toBe('completed');
  });

  it('is incomplete where the answer was cut inside it', () => {
    const { output, status } = write([{ code_runs: [{ index: 0, code: 'print(' }] }], 'length');
    expect(output).toMatchObject([{ status: 'incomplete', code: 'print(', outputs: [] }]);
    expect(status).toBe('incomplete');
  });
});
