import { beforeEach, describe, expect, it } from 'vitest';
import { type JsonRecord, recordOf } from '../../src/protocol/json.ts';
import type { TestGateway } from '../support/gateway.ts';
import { eventsIn } from '../support/responses.ts';
import { DEMO_CONFIG } from './client.ts';
import { runStored } from './stored-demo.ts';

/** What Codex CLI 0.171 sends with every call, beside its own instructions (recorded, shortened). */
const ALWAYS = {
  tool_choice: 'auto',
  parallel_tool_calls: true,
  reasoning: { effort: 'medium', summary: 'auto', context: 'all_turns' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: '01a2263e-78a9-7652-9227-3f513a34b864',
  text: { verbosity: 'low' },
  client_metadata: { 'x-codex-installation-id': 'e6f53ab2' },
};
const EXEC = toFunction('exec_command', { cmd: { type: 'string' } });
const AGENTS = {
  type: 'namespace',
  name: 'multi_agent_v1',
  description: 'Tools for spawning and managing sub-agents.',
  tools: [toFunction('spawn_agent', { message: { type: 'string' } }), toFunction('close_agent', {})],
};
const PATCH = {
  type: 'custom',
  name: 'apply_patch',
  description: 'Edits files. This is a FREEFORM tool, so do not wrap the patch in JSON.',
  format: { type: 'grammar', syntax: 'lark', definition: 'start: "*** Begin Patch" LF' },
};
const SEARCH = {
  type: 'tool_search',
  execution: 'client',
  description: 'Searches over deferred tools.',
  parameters: { type: 'object', properties: { query: { type: 'string' } }, required: ['query'] },
};
const WEB = { type: 'web_search', external_web_access: false, search_content_types: ['text', 'image'] };
const SCRIPTS = {
  type: 'namespace',
  name: 'functions',
  description: '',
  tools: [{ ...PATCH, name: 'exec', description: 'Runs a script.' }, toFunction('wait', {})],
};

let gateway: TestGateway;

beforeEach(async () => {
  gateway = await runStored(`${DEMO_CONFIG}retry: { max_retries: 0 }\n`);
});

function toFunction(name: string, properties: object): object {
  const parameters = { type: 'object', properties, additionalProperties: false };
  return { type: 'function', name, description: '', strict: false, parameters };
}

function message(role: string, text: string): object {
  return { type: 'message', id: `msg_${crypto.randomUUID()}`, role, content: [{ type: 'input_text', text }] };
}

/** What Codex acts on: the items that are done, and the last event. */
async function run(body: object): Promise<{ readonly items: JsonRecord[]; readonly last: JsonRecord }> {
  const headers = { authorization: 'Bearer any', 'session-id': 's', 'thread-id': 's', accept: 'text/event-stream' };
  const init = { method: 'POST', headers, body: JSON.stringify({ model: 'demo', ...ALWAYS, ...body }) };
  const events = eventsIn(await (await fetch(`${gateway.url}/v1/responses`, init)).text());
  const done = events.filter(({ type }) => type === 'response.output_item.done');
  return { items: done.map(({ item }) => recordOf(item)), last: recordOf(events.at(-1)) };
}

/** An item as Codex keeps it: what it does not know of is gone, what was not there is null. */
function kept(item: JsonRecord): JsonRecord {
  if (item['type'] !== 'reasoning') return item;
  const { id, type, summary, encrypted_content: sealed = null } = item;
  return { type, id, summary, content: null, encrypted_content: sealed };
}

describe('Codex', () => {
  it.each<[string, string, object, object, object]>([
    [
      'a function',
      'Execute this command, cmd: echo hi',
      { tools: [EXEC, AGENTS, WEB] },
      { type: 'function_call', name: 'exec_command', arguments: '{"cmd":"echo hi"}' },
      { type: 'function_call_output', output: 'hi' },
    ],
    [
      'a function of a namespace',
      'Spawn one, message: look',
      { tools: [EXEC, AGENTS, WEB] },
      { type: 'function_call', name: 'spawn_agent', namespace: 'multi_agent_v1', arguments: '{"message":"look"}' },
      { type: 'function_call_output', output: 'hi' },
    ],
    [
      'a custom tool with a grammar',
      'Apply the patch, input: *** Begin Patch',
      { tools: [EXEC, PATCH, SEARCH, WEB] },
      { type: 'custom_tool_call', name: 'apply_patch', input: '*** Begin Patch' },
      { type: 'custom_tool_call_output', output: 'hi' },
    ],
    [
      'the search for tools',
      'Search for mail',
      { tools: [EXEC, PATCH, SEARCH, WEB] },
      { type: 'tool_search_call', execution: 'client', arguments: { query: 'Search for mail' } },
      { type: 'tool_search_output', execution: 'client', status: 'completed', tools: [] },
    ],
    [
      'a tool that an item declares',
      'exec it, input: text("hi")',
      { input: [{ type: 'additional_tools', id: 'at_1', role: 'developer', tools: [SCRIPTS] }] },
      { type: 'custom_tool_call', name: 'exec', namespace: 'functions', input: 'text("hi")' },
      { type: 'custom_tool_call_output', output: [{ type: 'input_text', text: 'hi' }] },
    ],
  ])('calls %s, and goes on with its result', async (_name, question, body, call, result) => {
    const before = 'input' in body && Array.isArray(body.input) ? body.input : [];
    const input = [...before, message('developer', 'You are Codex.'), message('user', question)];
    const { items, last } = await run({ ...body, input });
    expect(items).toMatchObject([{ type: 'reasoning' }, { ...call, call_id: expect.any(String), status: 'completed' }]);
    expect(last).toMatchObject({ type: 'response.completed', response: { id: expect.any(String), error: null } });
    expect(recordOf(recordOf(last['response'])['usage'])).toMatchObject({
      input_tokens: expect.any(Number),
      input_tokens_details: { cached_tokens: expect.any(Number) },
      output_tokens: expect.any(Number),
      total_tokens: expect.any(Number),
    });
    const output = { ...result, call_id: items[1]?.['call_id'] };
    const next = await run({ ...body, input: [...input, ...items.map(kept), output] });
    expect(next.items.at(-1)).toMatchObject({ type: 'message', role: 'assistant', status: 'completed' });
    expect(JSON.stringify(next.items.at(-1))).toContain('The tool answered: ');
  });

  it('is told why a stream broke off', async () => {
    const { last } = await run({ model: 'demo:cut', input: [message('user', 'Hello!')] });
    expect(last).toMatchObject({
      type: 'response.failed',
      response: { status: 'failed', error: { code: 'server_error', message: expect.stringContaining('broke off') } },
    });
  });
});
