import { describe, expect, it } from 'vitest';
import type { ChatRequest, Message } from '../../../src/languages/chat/schema.ts';
import { recordsOf } from '../../../src/protocol/json.ts';
import { assistant, call, calling, contentsOf, errorOf, signatures, tool, translate, user } from './translate.ts';

describe('tool calls and results of a Gemini request', () => {
  it('are paired: results in one content, in the order of the tool calls, with their ids', () => {
    const messages = [
      user('Go'),
      calling(call('1', 'f', '{"a":1}'), call('2', 'g', '')),
      tool('2', '[1]'),
      tool('1', '{"x":2}'),
      user('And?'),
    ];
    expect(recordsOf(contentsOf(messages)).slice(1)).toEqual([
      {
        role: 'model',
        parts: [
          {
            functionCall: { id: '1', name: 'f', args: { a: 1 } },
            thoughtSignature: 'skip_thought_signature_validator',
          },
          { functionCall: { id: '2', name: 'g', args: {} } },
        ],
      },
      {
        role: 'user',
        parts: [
          { functionResponse: { id: '1', name: 'f', response: { x: 2 } } },
          { functionResponse: { id: '2', name: 'g', response: { output: [1] } } },
        ],
      },
      { role: 'user', parts: [{ text: 'And?' }] },
    ]);
  });

  it('have no ids and no made-up thought signatures before Gemini 3', () => {
    const contents = recordsOf(contentsOf([user('Go'), calling(call('1')), tool('1', 'done')], 'gemini-2.5-flash'));
    expect(contents.slice(1)).toEqual([
      { role: 'model', parts: [{ functionCall: { name: 'f', args: {} } }] },
      { role: 'user', parts: [{ functionResponse: { name: 'f', response: { output: 'done' } } }] },
    ]);
  });

  it('keep arguments that are no object', () => {
    const contents = recordsOf(contentsOf([user('Go'), calling(call('1', 'f', '{"a":')), tool('1', '')]));
    expect(recordsOf(contents[1]?.['parts'])[0]?.['functionCall']).toMatchObject({ args: { _raw: '{"a":' } });
  });

  it('must have results, with the error message of OpenAI', () => {
    const error = errorOf(() => contentsOf([user('Go'), calling(call('1'), call('2')), tool('1', 'x'), user('?')]));
    expect(error.status).toBe(400);
    expect(error.message).toContain('did not have response messages: 2');
  });

  it.each([
    ['after no call', [user('Go'), tool('9', 'x')], 1],
    ['of another call', [user('Go'), calling(call('1')), tool('1', 'x'), tool('9', 'x')], 3],
  ])('refuse a result %s', (_, messages, at) => {
    const error = errorOf(() => contentsOf(messages as ChatRequest['messages']));
    expect(error).toMatchObject({ status: 400, param: `messages[${at}].role` });
  });

  it('include images from Gemini 3 on, and let them follow before', () => {
    const content = [
      { type: 'text', text: 'Here' },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } },
    ];
    const messages: ChatRequest['messages'] = [
      user('Go'),
      calling(call('1')),
      { role: 'tool', tool_call_id: '1', content },
    ];
    const media = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const response = { name: 'f', response: { output: 'Here' } };
    expect(recordsOf(contentsOf(messages)).at(-1)).toEqual({
      role: 'user',
      parts: [{ functionResponse: { id: '1', ...response, parts: [media] } }],
    });
    expect(recordsOf(contentsOf(messages, 'gemini-2.5-pro')).slice(-2)).toEqual([
      { role: 'user', parts: [{ functionResponse: response }] },
      { role: 'user', parts: [media] },
    ]);
  });

  it('lose the names of speakers, which are named as dropped', () => {
    const messages = [{ role: 'user' as const, content: 'Hi', name: 'Ann' }];
    expect(translate({ messages }).dropped).toEqual(['messages[].name']);
  });

  it('may be a deprecated function_call', () => {
    const older = { role: 'assistant' as const, content: null, function_call: { name: 'f', arguments: '{}' } };
    const messages: ChatRequest['messages'] = [user('Go'), older, { role: 'function', name: 'f', content: 'done' }];
    expect(recordsOf(contentsOf(messages)).at(-1)).toEqual({
      role: 'user',
      parts: [{ functionResponse: { id: 'call_1', name: 'f', response: { output: 'done' } } }],
    });
  });
});

describe('thought signatures of a Gemini request', () => {
  const signatureOf = (message: Message, id: string) => {
    const contents = recordsOf(contentsOf([user('Go'), message, tool(id, 'x')]));
    return recordsOf(contents[1]?.['parts']).map((part) => part['thoughtSignature']);
  };

  it.each([
    ['extra_content', call('1', 'f', '{}', { extra_content: { google: { thought_signature: 'sig' } } }), '1'],
    ['provider_specific_fields', call('1', 'f', '{}', { provider_specific_fields: { thought_signature: 'sig' } }), '1'],
    ['the id', call('1__thought__sig'), '1__thought__sig'],
  ])('come back in %s', (_, signed, id) => {
    expect(signatureOf(calling(signed), id)).toEqual(['sig']);
  });

  it('come back in reasoning_details of OpenRouter', () => {
    const detail = { type: 'reasoning.encrypted', data: 'sig', format: 'google-gemini-v1', id: '1', index: 0 };
    const other = { ...detail, data: 'not ours', format: 'anthropic-claude-v1' };
    expect(signatureOf({ ...calling(call('1')), reasoning_details: [other, detail] }, '1')).toEqual(['sig']);
  });

  it('are remembered for clients that drop them', () => {
    signatures.set('remembered', 'sig');
    expect(signatureOf(calling(call('remembered')), 'remembered')).toEqual(['sig']);
  });

  it('are on the last part of a text', () => {
    const message = { ...assistant('Hi'), extra_content: { google: { thought_signature: 'sig' } } };
    expect(recordsOf(contentsOf([user('a'), message, user('b')]))[1]).toEqual({
      role: 'model',
      parts: [{ text: 'Hi', thoughtSignature: 'sig' }],
    });
  });
});
