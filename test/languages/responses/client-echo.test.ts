import { describe, expect, it } from 'vitest';
import { toEcho } from '../../../src/languages/responses/client-echo.ts';
import { ECHO } from '../../support/responses-writer.ts';

const KEPT = { previousResponseId: null, conversationId: null, isStored: true };

describe('what a response repeats of its request', () => {
  it('are the defaults where the client says nothing, or null', () => {
    expect(toEcho({ model: 'm', input: 'x' }, KEPT)).toEqual(ECHO);
    const nothing = Object.fromEntries(Object.keys(ECHO).map((key) => [key, null]));
    expect(toEcho(nothing, KEPT)).toEqual(ECHO);
  });

  it('is what the client wrote, completed', () => {
    const search = { type: 'web_search', filters: null };
    const schema = { type: 'json_schema', name: 'n', schema: {} };
    const echo = toEcho(
      {
        instructions: 'Be brief.',
        tools: [{ type: 'function', name: 'f' }, search],
        tool_choice: { type: 'function', name: 'f' },
        text: { format: schema, verbosity: 'low' },
        reasoning: { effort: 'low' },
        temperature: 0,
        parallel_tool_calls: false,
        metadata: { a: 'b' },
        background: true,
        service_tier: 'flex',
      },
      { previousResponseId: 'resp_1', conversationId: 'conv_1', isStored: false },
    );
    expect(echo).toEqual({
      ...ECHO,
      previous_response_id: 'resp_1',
      conversation: { id: 'conv_1' },
      instructions: 'Be brief.',
      tools: [{ type: 'function', name: 'f', description: null, parameters: null, strict: null }, search],
      tool_choice: { type: 'function', name: 'f' },
      text: { format: { ...schema, description: null, strict: false }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: null },
      temperature: 0,
      parallel_tool_calls: false,
      metadata: { a: 'b' },
      background: true,
      service_tier: 'flex',
      store: false,
    });
  });
});
