import { describe, expect, it } from 'vitest';
import { foldOutput } from '../../../src/languages/responses/client-output-fold.ts';

/** Events as they are kept. */
function framesOf(...events: readonly (readonly [type: string, fields: object])[]): readonly string[] {
  return events.map(([type, fields], number) => {
    const event = { type: `response.${type}`, sequence_number: number, ...fields };
    return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
  });
}

const AT = { output_index: 0, content_index: 0 };
const TEXT = { type: 'output_text', text: '', annotations: [], logprobs: [] };

function added(item: object, index = 0): readonly [string, object] {
  return ['output_item.added', { output_index: index, item: { status: 'in_progress', ...item } }];
}

describe('the output that events come to', () => {
  it('has texts with what stands beside them, as far as they go', () => {
    const frames = framesOf(
      ['created', { response: { output: [] } }],
      added({ type: 'message', id: 'm', content: [] }),
      ['content_part.added', { ...AT, part: TEXT }],
      ['output_text.delta', { ...AT, delta: 'Hel', logprobs: [{ token: 'Hel' }] }],
      ['output_text.annotation.added', { ...AT, annotation_index: 0, annotation: { type: 'url_citation' } }],
      ['output_text.delta', { ...AT, delta: 'lo', logprobs: [{ token: 'lo' }] }],
    );
    const part = { ...TEXT, text: 'Hello', annotations: [{ type: 'url_citation' }] };
    expect(foldOutput(frames)).toEqual([
      {
        ...{ type: 'message', id: 'm', status: 'in_progress' },
        content: [{ ...part, logprobs: [{ token: 'Hel' }, { token: 'lo' }] }],
      },
    ]);
  });

  it('has what only some providers tell: code, arguments of their own servers', () => {
    const frames = framesOf(
      added({ type: 'code_interpreter_call', id: 'c', code: null }),
      ['code_interpreter_call_code.delta', { output_index: 0, delta: 'print(1)' }],
      ['code_interpreter_call.interpreting', { output_index: 0 }],
      added({ type: 'mcp_call', id: 'p', arguments: '' }, 1),
      ['mcp_call_arguments.delta', { output_index: 1, delta: '{}' }],
      ['output_item.done', { output_index: 1, item: { type: 'mcp_call', id: 'p', status: 'completed' } }],
    );
    expect(foldOutput(frames)).toEqual([
      { type: 'code_interpreter_call', id: 'c', status: 'in_progress', code: 'print(1)' },
      { type: 'mcp_call', id: 'p', status: 'completed' },
    ]);
  });

  it('is whole whatever a stream is made of', () => {
    const frames = framesOf(
      ['output_text.delta', { ...AT, delta: 'lost' }],
      added({ type: 'message', id: 'm' }),
      ['content_part.added', { output_index: 0, content_index: 1_000_000_000, part: TEXT }],
      ['output_text.delta', { output_index: 0, content_index: -1, delta: 'a' }],
      ['output_text.delta', { ...AT, delta: 7 }],
      ['tomorrow.delta', { ...AT, delta: 'new' }],
      ['output_text.delta', {}],
    );
    expect(foldOutput([...frames, 'event: odd\n\n', 'data: {"type":', ''])).toEqual([
      { type: 'message', id: 'm', status: 'in_progress', content: [{ ...TEXT, text: 'a' }] },
    ]);
  });
});
