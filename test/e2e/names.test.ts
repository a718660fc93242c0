import { describe, expect, it } from 'vitest';
import { recordOf } from '../../src/protocol/json.ts';
import { chatCompletion } from '../support/chat-answers.ts';
import { chatError, runPair } from '../support/fallback-pair.ts';
import { configFor, ONE_ATTEMPT, runGateway, type TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';

/** Names that every object has something under, although nobody has put it there. */
const INHERITED = ['constructor', '__proto__', 'toString', 'hasOwnProperty'];
const FOREIGN = '模型-é';

const GEMINI = { candidates: [{ content: { parts: [{ text: 'Hi' }], role: 'model' }, finishReason: 'STOP' }] };
const RESPONSE = {
  object: 'response',
  status: 'completed',
  output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }],
};

/** One model per language; the provider answers each in its own. */
async function startAll(): Promise<{ upstream: TestUpstream; gateway: TestGateway }> {
  const upstream = await runUpstream();
  upstream.answer(({ path }) => {
    if (path.includes('generateContent')) return { body: JSON.stringify(GEMINI) };
    if (path.endsWith('/agent') || path.endsWith('/responses')) return { body: JSON.stringify(RESPONSE) };
    return chatCompletion('Hi');
  });
  const provider = (kind: string): string => `  ${kind}: { kind: ${kind}, base_url: "${upstream.url}", api_key: k }\n`;
  const kinds = ['openai', 'openrouter', 'perplexity', 'gemini'];
  const gateway = await runGateway(
    `providers:\n${kinds.map(provider).join('')}  demo: { kind: demo }\nserver: { drain: 0ms }\n${ONE_ATTEMPT}`,
  );
  return { upstream, gateway };
}

const MODELS = [
  'openai/gpt-4o',
  'openai/gpt-6-pro',
  'openrouter/x',
  'perplexity/sonar',
  'gemini/gemini-3.8-flash',
  'gemini/gemini-2.0-flash',
  'demo/demo',
];

/** The name in every place where a client may write one. */
function bodiesWith(name: string): object[] {
  const own = (value: unknown): object => JSON.parse(`{ ${JSON.stringify(name)}: ${JSON.stringify(value)} }`);
  const messages = [{ role: 'user', content: 'Hello' }];
  const schema = {
    type: name,
    format: name,
    properties: own({ type: name, format: name }),
    required: [name],
    $defs: own({ type: 'string' }),
    items: { $ref: `#/${name}` },
    anyOf: [{ $ref: `#/${name}/${name}` }, { type: [name, 'string'] }],
  };
  const call = { id: name, type: name, function: { name, arguments: JSON.stringify(own(own(1))) } };
  return [
    { messages: [{ role: 'user', ...own(1), content: [{ type: name, ...own({ url: 'x' }) }] }] },
    { messages: [{ role: name, content: 'Hello' }] },
    { messages: [{ role: 'user', content: [{ type: 'file', file: { filename: `x.${name}`, file_data: 'AAAA' } }] }] },
    {
      messages: [
        ...messages,
        { role: 'assistant', tool_calls: [call] },
        { role: 'tool', tool_call_id: name, content: '1' },
      ],
    },
    {
      messages: [...messages, { role: 'assistant', content: 'x', ...own(1), reasoning_details: [own(1)] }, ...messages],
    },
    { messages, tools: [{ type: name, ...own(own(1)) }] },
    { messages, tools: [{ type: 'function', function: { name, parameters: schema } }] },
    { messages, tool_choice: { type: name, ...own({ name }) } },
    { messages, tool_choice: name },
    { messages, response_format: { type: name } },
    { messages, response_format: { type: 'json_schema', json_schema: { name, schema } } },
    { messages, reasoning_effort: name, verbosity: name, stop: name, user: name },
    { messages, reasoning: { effort: name }, service_tier: name, modalities: [name], metadata: own(name) },
    { messages, ...own(1), web_search_options: own(1), google: own(1), extra_body: { google: own(1) } },
    { messages, functions: [{ name, parameters: schema }], function_call: { name } },
    { messages, logit_bias: own(1), stream_options: null },
  ];
}

describe.each(INHERITED)('the Object.prototype name %s', (name) => {
  it.each(MODELS)('in request fields is a plain name to %s (no prototype pollution)', async (model) => {
    const { upstream, gateway } = await startAll();
    for (const body of bodiesWith(name)) {
      const response = await gateway.chat({ ...body, model });
      const text = await response.text();
      expect([200, 400], `${JSON.stringify(body)}: ${text}`).toContain(response.status);
    }
    expect(JSON.stringify(upstream.requests.map(({ body }) => body))).not.toContain('native code');
    expect(({} as Record<string, unknown>)['url']).toBeUndefined();
  });

  it('names a model, and no fallback', async () => {
    const { gateway } = await startAll();
    for (const body of [{ model: name }, { model: 'demo', fallbacks: [name] }, { model: `demo/${name}` }]) {
      expect([404, 400, 200, 502]).toContain((await gateway.chat(body)).status);
    }
    const response = await gateway.chat({ model: name });
    expect([response.status, await response.json()]).toMatchObject([404, { error: { code: 'model_not_found' } }]);
  });

  it('is an unknown field that is passed to a provider of the chat dialect', async () => {
    const upstream = await runUpstream(chatCompletion('Hi'));
    const gateway = await runGateway(configFor(upstream.url));
    const body = `{"model":"m","messages":[{"role":"user","content":"x"}],"${name}":{"a":1},"metadata":{"${name}":"b"}}`;
    const response = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body });
    expect(response.status).toBe(200);
    const sent = recordOf(upstream.requests[0]?.body);
    expect(Object.getOwnPropertyDescriptor(sent, name)?.value).toEqual({ a: 1 });
    expect(Object.keys(recordOf(sent['metadata']))).toEqual([name]);
  });

  it('is no finish_reason, and no service_tier', async () => {
    const choice = { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: name };
    const upstream = await runUpstream({ body: JSON.stringify({ choices: [choice], service_tier: name }) });
    const gateway = await runGateway(configFor(upstream.url));
    expect(await (await gateway.chat({})).json()).toMatchObject({ choices: [{ finish_reason: 'stop' }] });
  });

  it('is no content-encoding of an answer: the call fails over to another model', async () => {
    const { primary, gateway, attempts } = await runPair();
    primary.answer({ ...chatCompletion('Hi'), headers: { 'content-encoding': name } });
    const response = await gateway.chat({});
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'I step in' } }] });
    expect(attempts()[1]).toBe(1);
  });
});

describe('a name that is not allowed in a header', () => {
  it('is percent-encoded in x-sluice-model', async () => {
    const { upstream, gateway } = await startAll();
    const response = await gateway.chat({ model: `openrouter/${FOREIGN}` });
    expect(response.status).toBe(200);
    expect(decodeURIComponent(response.headers.get('x-sluice-model') ?? '')).toBe(`openrouter/${FOREIGN}`);
    expect(upstream.requests[0]?.body).toMatchObject({ model: FOREIGN });
    const gemini = await gateway.chat({ model: `gemini/${FOREIGN}` });
    expect(gemini.status).toBe(200);
    expect(upstream.requests[1]?.path).toContain(encodeURIComponent(FOREIGN));
  });

  it('is percent-encoded in x-sluice-dropped-params', async () => {
    const { gateway } = await startAll();
    const dropped = async (fields: object): Promise<string | null> => {
      const response = await gateway.chat({ model: 'gemini/gemini-3.8-flash', ...fields });
      expect(response.status).toBe(200);
      return response.headers.get('x-sluice-dropped-params');
    };
    expect(await dropped({ 'a\r\nset-cookie: b': 1, [FOREIGN]: 1, '\ud800': 1 })).toBe(
      `a%0D%0Aset-cookie: b, ${encodeURIComponent(FOREIGN)}, %EF%BF%BD`,
    );
    const many = Object.fromEntries(Array.from({ length: 15_000 }, (_, at) => [`field-${at}`, 1]));
    expect(await dropped(many)).toMatch(/^field-0, .* and \d+ more$/);
  });

  it('is percent-encoded in x-sluice-route', async () => {
    const upstream = await runUpstream(chatCompletion('Hi'));
    const group = `models:\n  ${FOREIGN}: { targets: [m], strategy: order }\n`;
    const gateway = await runGateway(configFor(upstream.url).replace('models:\n', group));
    const response = await gateway.chat({ model: FOREIGN });
    expect(decodeURIComponent(response.headers.get('x-sluice-route') ?? '')).toBe(`${FOREIGN}: order`);
  });
});

describe('a Retry-After without bounds', () => {
  it.each(['1e300', '-1', 'NaN', 'Fri, 31 Dec 9999 00:00:00 GMT'])(
    'of %s is reported to the client as a bounded time',
    async (value) => {
      const upstream = await runUpstream(chatError(429, 'rate_limit_exceeded', { 'retry-after': value }));
      const gateway = await runGateway(configFor(upstream.url));
      const response = await gateway.chat({});
      expect(response.status).toBe(429);
      expect(response.headers.get('retry-after')).toMatch(/^\d{1,5}$/);
      expect(Number(response.headers.get('retry-after-ms'))).toBeLessThanOrEqual(86_400_000);
    },
  );
});
