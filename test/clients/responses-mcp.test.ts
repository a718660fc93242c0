import { createOpenAI } from '@ai-sdk/openai';
import { streamText } from 'ai';
import type OpenAI from 'openai';
import { beforeEach, describe, expect, it } from 'vitest';
import { toEvent } from '../../lab/wire-answers.ts';
import { recordOf } from '../../src/protocol/json.ts';
import type { TestGateway } from '../support/gateway.ts';
import { runUpstream, type TestUpstream } from '../support/upstream.ts';
import { collect, openaiFor } from './client.ts';
import { runStored } from './stored-demo.ts';

const ANSWER = 'It says so.';
const SERVER = { server_label: 'docs', server_url: 'https://mcp.example/' };
const TOOL = { type: 'mcp' as const, ...SERVER, require_approval: 'never' as const };
const LIST = {
  type: 'mcp_list_tools',
  id: 'mcpl_1',
  server_label: 'docs',
  tools: [{ name: 'read', input_schema: {} }],
};
const CALL = {
  type: 'mcp_call',
  id: 'mcp_1',
  server_label: 'docs',
  name: 'read',
  arguments: '{"page":1}',
  output: 'Page 1',
};
const FAILED = { ...CALL, id: 'mcp_2', output: null, error: 'No such page.' };
const MESSAGE = {
  type: 'message',
  id: 'msg_1',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text: ANSWER, annotations: [] }],
};
const OUTPUT = [LIST, CALL, FAILED, MESSAGE];
const WHOLE = { id: 'resp_1', object: 'response', created_at: 1, status: 'completed', model: 'm', output: OUTPUT };

let upstream: TestUpstream;
let gateway: TestGateway;

beforeEach(async () => {
  upstream = await runUpstream();
  upstream.answer(({ body }) => {
    if (recordOf(body)['stream'] !== true) return { body: JSON.stringify(WHOLE) };
    const items = OUTPUT.map((item, at) => ({ type: 'response.output_item.done', output_index: at, item }));
    const events = [...items, { type: 'response.completed', response: WHOLE }];
    return { headers: { 'content-type': 'text/event-stream' }, body: events.map(toEvent).join('') };
  });
  gateway = await runStored(
    `providers: { p: { kind: perplexity, base_url: "${upstream.url}/v1", api_key: k } }\n` +
      'models: { m: { provider: p, upstream: openai/gpt-6-luna } }\n',
  );
});

describe('what Perplexity did at a server of tools', () => {
  it('is told to the OpenAI client, whole and streamed', async () => {
    const { responses } = openaiFor(gateway);
    const asked = { model: 'm', input: 'What does it say?', tools: [TOOL] };
    for (const { output, output_text: text } of [
      await responses.create(asked),
      await responses.stream(asked).finalResponse(),
    ]) {
      expect(text).toBe(ANSWER);
      expect(output).toMatchObject([
        { type: 'mcp_list_tools', server_label: 'docs', tools: [{ name: 'read' }] },
        { type: 'mcp_call', status: 'completed', name: 'read', arguments: '{"page":1}', output: 'Page 1', error: null },
        { type: 'mcp_call', status: 'failed', output: null, error: { content: [{ text: 'No such page.' }] } },
        { type: 'message' },
      ]);
    }
    expect(recordOf(upstream.requests[0]?.body)['tools']).toEqual([{ type: 'mcp', ...SERVER }]);
  });

  it('is told to the AI SDK, as tools that were executed', async () => {
    const openai = createOpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'any' });
    const tools = { mcp: openai.tools.mcp({ serverLabel: 'docs', serverUrl: SERVER.server_url }) };
    const parts = await collect(streamText({ model: openai('m'), prompt: 'What does it say?', tools }).fullStream);
    const results = parts.filter(({ type }) => type === 'tool-result');
    expect(results).toMatchObject([
      { toolName: 'mcp.read', output: { serverLabel: 'docs', output: 'Page 1' } },
      { toolName: 'mcp.read', output: { error: { type: 'mcp_tool_execution_error' } } },
    ]);
    expect(parts.map(({ type }) => type)).not.toContain('error');
  });

  it('is words of the next turn', async () => {
    const { responses } = openaiFor(gateway);
    const { output } = await responses.create({ model: 'm', input: 'What does it say?', tools: [TOOL], store: false });
    const input = [{ role: 'user', content: 'What does it say?' }, ...output, { role: 'user', content: 'And?' }];
    await responses.create({ model: 'm', input: input as OpenAI.Responses.ResponseInput, tools: [TOOL] });
    expect(recordOf(upstream.requests[1]?.body)['input']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', content: `[mcp_call]\nPage 1\n\n${ANSWER}` },
      { role: 'user' },
    ]);
  });

  it('does not happen where its client wants to approve first', async () => {
    const { responses } = openaiFor(gateway);
    const tools = [{ ...TOOL, require_approval: 'always' as const }];
    const { response } = await responses.create({ model: 'm', input: 'Hi', tools }).withResponse();
    expect(response.headers.get('x-sluice-dropped-params')).toBe('tools.mcp');
    const demanded = { model: 'm', input: 'Hi', tools, tool_choice: { type: 'mcp' as const, server_label: 'docs' } };
    await expect(responses.create(demanded)).rejects.toMatchObject({ status: 400, param: 'tool_choice' });
  });
});
