import { describe, expect, it } from 'vitest';
import { batchOf, choiceDelta, type Delta } from '../../../src/protocol/delta.ts';
import { recordOf, recordsOf } from '../../../src/protocol/json.ts';
import { askedOf } from '../../support/asked.ts';
import { IDENTITY } from '../../support/replay.ts';

const FUNCTIONS = [{ name: 'add', parameters: { type: 'object' } }];
const CALL: readonly Delta[] = [
  choiceDelta(0, {
    tool_calls: [{ index: 0, id: 'call_a', type: 'function', function: { name: 'add', arguments: '{' } }],
  }),
  choiceDelta(0, { tool_calls: [{ index: 0, function: { arguments: '}' } }] }, 'tool_calls'),
];

function writerFor(fields: object) {
  const messages = [{ role: 'user', content: 'Add' }];
  const writer = askedOf({ model: 'm', messages, functions: FUNCTIONS, ...fields }).createWriter(IDENTITY);
  writer.answeredBy('m', 'p', 'summary');
  return writer;
}

describe('the answer to a chat that declares the deprecated functions', () => {
  it('calls one as function_call', () => {
    const writer = writerFor({});
    writer.push(batchOf(CALL));
    const [choice] = recordsOf(recordOf(writer.result())['choices']);
    expect(choice?.['finish_reason']).toBe('function_call');
    expect(recordOf(choice?.['message'])).toMatchObject({ function_call: { name: 'add', arguments: '{}' } });
  });

  it('streams it so, too', () => {
    const writer = writerFor({ stream: true });
    const chunks = `${writer.push(batchOf(CALL))}${writer.end()}`
      .split('\n\n')
      .map((event) => event.slice('data: '.length));
    const deltas = chunks.slice(0, -2).map((chunk) => recordsOf(recordOf(JSON.parse(chunk))['choices'])[0]);
    expect(deltas).toMatchObject([
      { delta: { role: 'assistant', function_call: { name: 'add', arguments: '{' } } },
      { delta: { function_call: { arguments: '}' } } },
      { delta: {}, finish_reason: 'function_call' },
    ]);
    expect(chunks.join()).not.toContain('tool_calls');
    expect(writer.result()).toBeNull();
  });
});
