import { describe, expect, it } from 'vitest';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import { sealEnvelope } from '../../../src/languages/responses/words.ts';
import { createUnsaidParameters } from '../../../src/languages/unsaid-parameters.ts';
import { GatewayError } from '../../../src/protocol/errors.ts';
import type { JsonRecord } from '../../../src/protocol/json.ts';
import { type AnswerMessage, callsIn, partsIn, wordsOf } from '../../../src/protocol/model-message.ts';
import type { ModelRequest } from '../../../src/protocol/model-request.ts';
import { atOnce } from '../../../src/protocol/turns.ts';

const HELLO = { role: 'user', content: 'Hello' };

function read(fields: object, context: readonly JsonRecord[] = []): ModelRequest {
  return atOnce(readResponsesRequest(atOnce(checkResponsesBody({ model: 'm', input: 'Hello', ...fields })), context));
}

function messagesOf(input: readonly JsonRecord[], context: readonly JsonRecord[] = []) {
  return read({ input }, context).messages;
}

function call(id: string, fields: object = {}) {
  return { type: 'function_call', call_id: id, name: 'f', arguments: `{"id":"${id}"}`, ...fields };
}

function output(id: string, fields: object = {}) {
  return { type: 'function_call_output', call_id: id, output: `of ${id}`, ...fields };
}

function said(text: string) {
  return { type: 'message', role: 'assistant', content: [{ type: 'output_text', text, annotations: [] }] };
}

function thought(encrypted: string | null, fields: object = {}) {
  return { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encrypted, ...fields };
}

function signature(data: string, callId: string | null = null): string {
  return sealEnvelope({ provider: 'google', kind: 'thought-signature', data, callId, answeredBy: null });
}

function summary(text: string) {
  const sealed = sealEnvelope({ provider: 'sluice', kind: 'summary', data: text, callId: null, answeredBy: null });
  return { type: 'compaction', encrypted_content: sealed };
}

/** What of the messages matters: who says what, calls and results by their ids. */
function outlineOf(input: readonly JsonRecord[], context: readonly JsonRecord[] = []) {
  return messagesOf(input, context).map((message) => {
    if (message.role === 'tool') return `result ${message.callId}`;
    const parts = partsIn(message).map((part) => {
      if (part.type === 'call') return `call ${part.id}`;
      return part.type === 'text' || part.type === 'reasoning' ? part.text : part.type;
    });
    return `${message.role}: ${parts.join(', ')}`;
  });
}

function refusalOf(input: readonly JsonRecord[], context: readonly JsonRecord[] = []) {
  try {
    messagesOf(input, context);
  } catch (error) {
    if (error instanceof GatewayError) return { status: error.status, ...error.toBody().error };
    throw error;
  }
  throw new Error('The request was accepted.');
}

describe('a response in the words of the house', () => {
  it('says nothing that the client does not say', () => {
    const { origin, messages, ...fields } = read({});
    expect(fields).toMatchObject({ model: 'm', isStream: false, maxOutputTokens: null, tools: [], logprobs: false });
    expect(fields).toMatchObject({ store: null, metadata: null, streamOptions: null, extras: {} });
    expect(messages).toEqual([{ role: 'user', content: 'Hello', at: 0, source: HELLO }]);
    expect(origin.asked().map(({ name }) => name)).toEqual(['model', 'input']);
    expect(origin.pathOf(messages[0] as never)).toBe('input');
  });

  it('reads every parameter', () => {
    const format = { type: 'json_schema', name: 's', schema: { type: 'object' }, strict: true };
    const request = read({
      stream: true,
      max_output_tokens: 5,
      temperature: 0.5,
      top_p: 0.9,
      presence_penalty: 1,
      frequency_penalty: -1,
      top_logprobs: 2,
      parallel_tool_calls: false,
      text: { format, verbosity: 'low' },
      reasoning: { effort: 'low', summary: 'auto' },
      service_tier: 'flex',
      user: 'u',
      fallbacks: ['n'],
      prompt_cache_key: 'k',
      truncation: 'auto',
    });
    expect(request).toMatchObject({
      isStream: true,
      maxOutputTokens: 5,
      sampling: { temperature: 0.5, topP: 0.9, presencePenalty: 1, frequencyPenalty: -1 },
      logprobs: true,
      topLogprobs: 2,
      parallelToolCalls: false,
      outputFormat: { type: 'json_schema', name: 's', strict: true, description: null },
      verbosity: 'low',
      reasoning: { effort: 'low', summary: 'auto', wantsText: true, names: ['reasoning.effort', 'reasoning.summary'] },
      serviceTier: 'flex',
      user: 'u',
      fallbacks: ['n'],
      extras: { prompt_cache_key: 'k', truncation: 'auto' },
    });
  });

  it('tells no provider what is kept, and where', () => {
    const own = { store: true, background: true, previous_response_id: 'resp_1', metadata: { a: 'b' } };
    const { extras, store, metadata, origin } = read({ ...own, include: ['reasoning.encrypted_content'] });
    expect([extras, store, metadata]).toEqual([{}, null, null]);
    expect(origin.asked().map(({ name }) => name)).toEqual(['model', 'input']);
  });

  it("names what a dialect leaves unsaid in the client's words", () => {
    const request = read({
      max_tool_calls: 3,
      text: { format: { type: 'text' }, verbosity: 'low' },
      reasoning: { effort: 'low', summary: 'auto', mode: 'pro', context: 'all_turns' },
      tool_choice: 'auto',
      service_tier: 'auto',
      moderation: { model: 'x' },
      client_metadata: { a: 1 },
    });
    const unsaid = createUnsaidParameters({ parameters: ['reasoning'], extras: ['moderation'] });
    expect(unsaid(request)).toEqual([
      'max_tool_calls',
      'text.verbosity',
      'reasoning.summary',
      'reasoning.mode',
      'client_metadata',
    ]);
  });

  it('asks for probabilities by either of two fields', () => {
    const request = read({ include: ['message.output_text.logprobs'] });
    expect(request).toMatchObject({ logprobs: true, topLogprobs: null });
    expect(request.origin.asked()).toContainEqual({ name: 'include', parameter: 'logprobs' });
    expect(request.origin.paramOf('logprobs')).toBe('include');
    expect(read({ top_logprobs: 2 }).origin.paramOf('logprobs')).toBe('top_logprobs');
  });

  it('begins with the instructions, whatever was said before', () => {
    const { messages, origin } = read({ instructions: 'Be brief.' }, [HELLO]);
    expect(messages).toMatchObject([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
      { role: 'user', content: 'Hello' },
    ]);
    expect(messages.map((message) => origin.pathOf(message))).toEqual(['instructions', 'context', 'input']);
  });

  it('reads the parts of messages and outputs, and tells where they stand', () => {
    const content = [
      { type: 'input_text', text: 'Look' },
      { type: 'input_image', image_url: 'data:,x', detail: 'low' },
      { type: 'input_file', file_url: 'https://a.example/b.pdf', filename: 'b.pdf' },
      { type: 'input_audio', input_audio: { data: 'AA', format: 'mp3' } },
      { type: 'refusal', refusal: 'No' },
    ];
    const { messages, origin } = read({
      input: [HELLO, { role: 'user', content }, call('c1'), output('c1', { output: content.slice(0, 2) })],
    });
    const parts = messages[1]?.content as never[];
    expect(parts).toMatchObject([
      { type: 'text', text: 'Look' },
      { type: 'image', url: 'data:,x', fileId: null, detail: 'low', source: content[1] },
      { type: 'file', data: null, url: 'https://a.example/b.pdf', name: 'b.pdf' },
      { type: 'audio', data: 'AA', format: 'mp3' },
      { type: 'refusal', text: 'No' },
    ]);
    expect(origin.pathOf(parts[1] as never)).toBe('input[1].content[1]');
    expect(origin.typeOf(parts[1] as never)).toBe('input_image');
    const [answer, result] = messages.slice(2) as [AnswerMessage, never];
    expect(origin.pathOf(callsIn(answer)[0] as never)).toBe('input[2]');
    expect(origin.pathOf(result)).toBe('input[3]');
    expect(origin.pathOf(partsIn(result as AnswerMessage)[1] as never)).toBe('input[3].output[1]');
  });

  it('is read in steps where it is large', () => {
    const input = Array.from({ length: 10_000 }, () => HELLO);
    expect([...readResponsesRequest(atOnce(checkResponsesBody({ model: 'm', input })), [])].length).toBeGreaterThan(5);
  });
});

describe('the items of one answer', () => {
  it('are one message, its results right behind it', () => {
    const items = [HELLO, thought(null, { summary: [{ text: 'Hm' }] }), said('Let me see.'), call('a'), call('b')];
    expect(outlineOf([...items, output('b'), output('a'), said('Done.')])).toEqual([
      'user: Hello',
      'assistant: Hm, Let me see., call a, call b',
      'result b',
      'result a',
      'assistant: Done.',
    ]);
  });

  it('have their results right behind them, whatever came between', () => {
    expect(outlineOf([call('a'), call('b'), output('a'), HELLO, said('Wait.'), output('b')])).toEqual([
      'assistant: call a, call b',
      'result a',
      'result b',
      'user: Hello',
      'assistant: Wait.',
    ]);
  });

  it('may say something after their calls', () => {
    expect(outlineOf([call('a'), said('Now we wait.'), output('a')])).toEqual([
      'assistant: call a, Now we wait.',
      'result a',
    ]);
  });

  it('do not run into each other where several are words', () => {
    const [answer] = messagesOf([said('I look.'), said('It is there.')]);
    expect(wordsOf((answer as AnswerMessage).content)).toBe('I look.\n\nIt is there.');
  });

  it('go on from the context into the input', () => {
    const messages = messagesOf([output('a')], [HELLO, said('Hm.'), call('a')]);
    expect(messages).toMatchObject([{ at: -1 }, { at: -1 }, { role: 'tool', callId: 'a', at: 0 }]);
  });

  it('are no message where the model had only thought', () => {
    expect(outlineOf([HELLO, thought(null, { summary: [{ text: 'Hm' }] }), HELLO])).toEqual([
      'user: Hello',
      'user: Hello',
    ]);
  });

  it('are read with null for what they do not have', () => {
    const item = thought(null, { status: null, content: null, summary: [{ type: 'summary_text', text: 'Hm' }] });
    expect(outlineOf([item, { ...call('a'), id: null, namespace: null }, output('a')])[0]).toBe(
      'assistant: Hm, call a',
    );
  });

  it('tell what the tools of a provider came to, under the name of the item', () => {
    const ran = { type: 'code_interpreter_call', id: 'ci_1', outputs: [{ type: 'logs', logs: '42' }] };
    const searched = { type: 'web_search_call', id: 'ws_1', status: 'completed' };
    expect(outlineOf([ran, searched, said('It is 42.')])).toEqual([
      'assistant: [code_interpreter_call]\n42\n\n, It is 42.',
    ]);
    expect(read({ input: [ran, searched, HELLO] }).origin.askedInMessages()).toEqual([]);
    const drawn = { type: 'image_generation_call', id: 'ig_1', result: 'AA' };
    expect(read({ input: [drawn, HELLO] }).origin.askedInMessages()).toEqual(['input.image_generation_call']);
  });

  it('may call what the client runs by a schema of OpenAI', () => {
    const ran = { type: 'shell_call', call_id: 'a', action: { commands: ['ls'] } };
    const came = { type: 'shell_call_output', call_id: 'a', output: [{ stdout: 'x' }] };
    const [answer, result] = messagesOf([ran, came]);
    expect(callsIn(answer as AnswerMessage)).toMatchObject([{ name: 'shell', arguments: '{"commands":["ls"]}' }]);
    expect(result?.content).toBe('[{"stdout":"x"}]');
  });
});

describe('calls and outputs', () => {
  it('find each other over all turns', () => {
    expect(refusalOf([output('x')])).toEqual({
      status: 400,
      type: 'invalid_request_error',
      code: null,
      param: 'input',
      message: 'No tool call found for function call output with call_id x.',
    });
    expect(refusalOf([HELLO], [call('x')]).message).toBe('No tool output found for function call x.');
    const custom = { type: 'custom_tool_call', call_id: 'y', name: 'g', input: '' };
    expect(refusalOf([custom]).message).toBe('No tool output found for custom tool call y.');
    expect(refusalOf([{ ...output('z'), type: 'custom_tool_call_output' }]).message).toBe(
      'No tool call found for custom tool call output with call_id z.',
    );
  });

  it('may stay open where they are asynchronous: the provider is told so', () => {
    const messages = messagesOf([call('a', { async: true }), HELLO]);
    expect(messages).toMatchObject([{ role: 'assistant' }, { role: 'tool', callId: 'a' }, { role: 'user' }]);
  });

  it('are no calls of the client where the server searched', () => {
    const items = [
      { type: 'tool_search_call', arguments: {}, execution: 'server', call_id: null },
      { type: 'tool_search_output', tools: [], execution: 'server', call_id: null },
    ];
    expect(outlineOf([...items, HELLO])).toEqual(['user: Hello']);
  });

  it('tell which tools a search of the client found', () => {
    const items = [
      { type: 'tool_search_call', arguments: { q: 'crm' }, execution: 'client', call_id: 's' },
      { type: 'tool_search_output', tools: [{ type: 'function', name: 'f' }], call_id: 's' },
    ];
    const [answer, result] = messagesOf(items);
    expect(callsIn(answer as AnswerMessage)).toMatchObject([{ name: 'tool_search', arguments: '{"q":"crm"}' }]);
    expect(result?.content).toBe('{"tools":["f"]}');
  });
});

describe('what only its maker can read', () => {
  function carriedBy(input: readonly JsonRecord[]) {
    const [answer] = messagesOf(input);
    return callsIn(answer as AnswerMessage).map(({ carried }) => carried?.data ?? null);
  }

  it('is put on the call that it was signed for, or on the next one', () => {
    const items = [thought(signature('s1')), call('a'), call('b'), thought(signature('s2', 'd')), call('c'), call('d')];
    const outputs = ['a', 'b', 'c', 'd'].map((id) => output(id));
    expect(carriedBy([...items, ...outputs])).toEqual(['s1', null, null, 's2']);
  });

  it('is put on the text where no call follows, or where a store kept it beside a message', () => {
    const [after] = messagesOf([thought(signature('s')), said('Hi.')]);
    expect(partsIn(after as AnswerMessage).at(-1)).toMatchObject({
      type: 'carried',
      kind: 'thought-signature',
      data: 's',
    });
    const [beside] = messagesOf([{ ...said('Hi.'), encrypted_content: signature('s') }, call('a'), output('a')]);
    expect(partsIn(beside as AnswerMessage)).toMatchObject([
      { type: 'text' },
      { type: 'carried', data: 's' },
      { type: 'call', carried: null },
    ]);
  });

  it('comes home as it was: a detail of OpenRouter', () => {
    const detail = { type: 'reasoning.text', text: 'x', format: 'f', index: 0 };
    const sealed = sealEnvelope({
      provider: 'f',
      kind: 'reasoning-detail',
      data: detail,
      callId: null,
      answeredBy: null,
    });
    const [answer] = messagesOf([thought(sealed), said('Hi.')]);
    expect(partsIn(answer as AnswerMessage)[0]).toMatchObject({
      type: 'carried',
      kind: 'reasoning-detail',
      data: detail,
    });
  });

  it('is named where it is not ours', () => {
    const { messages, origin } = read({ input: [thought('gAAAAAB'), said('Hi.')] });
    expect(origin.askedInMessages()).toEqual(['input.reasoning']);
    expect(partsIn(messages[0] as AnswerMessage)[0]).toMatchObject({ kind: 'encrypted-reasoning', data: 'gAAAAAB' });
  });

  it('is a summary of the conversation, which stands for all before it', () => {
    const items = [HELLO, call('a'), summary('They met.'), HELLO, said('Hi.'), summary('They parted.'), HELLO];
    expect(outlineOf(items, [output('lost')])).toEqual([
      'developer: Summary of the conversation so far: They parted.',
      'user: Hello',
    ]);
  });

  it('is a summary of all but what the user said right before it', () => {
    const items = [HELLO, said('Hi.'), HELLO, HELLO, summary('They met.'), said('Ho.')];
    expect(outlineOf(items)).toEqual([
      'user: Hello',
      'user: Hello',
      'developer: Summary of the conversation so far: They met.',
      'assistant: Ho.',
    ]);
  });

  it('is no summary where another made it', () => {
    const { origin, messages } = read({ input: [HELLO, { type: 'compaction', encrypted_content: 'gAAA' }] });
    expect(origin.askedInMessages()).toEqual(['input.compaction']);
    expect(messages).toHaveLength(1);
  });
});

it('earlier thoughts are left out where the client wants those of this turn alone', () => {
  const input = [
    thought(signature('s0'), { summary: [{ text: 'Old' }] }),
    said('Hi.'),
    HELLO,
    thought(null, { summary: [{ text: 'New' }] }),
    call('a'),
    output('a'),
  ];
  const { messages } = read({ input, reasoning: { context: 'current_turn' } });
  const types = messages.map((message) => partsIn(message).map(({ type }) => type));
  expect(types).toEqual([['text'], ['text'], ['reasoning', 'call'], ['text']]);
  expect(read({ input, reasoning: { context: 'all_turns' } }).messages[0]?.content).toHaveLength(3);
});

it('a reference that nothing was found for is told', () => {
  expect(refusalOf([{ type: 'item_reference', id: 'rs_x' }])).toMatchObject({
    message: "Item with id 'rs_x' not found.",
    param: 'input',
    code: null,
  });
});
