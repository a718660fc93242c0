import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../../src/protocol/json.ts';
import { perplexity } from '../../../src/providers/perplexity/perplexity.ts';
import { responsesRequestOf } from '../../support/asked.ts';
import { FACTS, SPOKEN_TO } from '../../support/replay.ts';

const TOOLS = { newId: () => 'call_new', signatures: { get: () => null, set: () => {} } };
const DOCS = { type: 'mcp', server_label: 'docs', server_url: 'https://mcp.example/', require_approval: 'never' };
const dialect = perplexity.createDialect(TOOLS, SPOKEN_TO)(responsesRequestOf({}), FACTS);

function said(tools: object[], choice?: object) {
  const fields = { tools, ...(choice ? { tool_choice: choice } : {}) };
  const { body, dropped } = dialect.request(responsesRequestOf(fields), { ...FACTS, upstream: 'openai/gpt-6-luna' });
  return { tools: recordsOf(body['tools']), choice: body['tool_choice'], dropped };
}

describe('a server of tools that the client names', () => {
  it('goes to Perplexity without what it does not know, which is named', () => {
    const more = { allowed_tools: ['read'], headers: { a: 'b' }, authorization: 't', server_description: 'Docs' };
    const { require_approval: _, ...known } = DOCS;
    const { server_description: __, ...asked } = more;
    expect(said([{ ...DOCS, ...more }])).toMatchObject({
      tools: [{ ...known, ...asked }],
      dropped: ['tools.mcp.server_description'],
    });
    expect(said([DOCS]).tools[0]).not.toHaveProperty('require_approval');
  });

  it.each([
    ['calls that the client wants to approve of', { require_approval: 'always' }],
    ['calls of which the client does not say so', { require_approval: undefined }],
    ['some calls that it wants to approve of', { require_approval: { never: { tool_names: ['read'] } } }],
    ['tools by a filter', { allowed_tools: { read_only: true } }],
    ["a connector of OpenAI's", { server_url: undefined, connector_id: 'connector_gmail' }],
  ])('is left out and named with %s', (_, changes) => {
    expect(said([{ ...DOCS, ...changes }])).toEqual({ tools: [], choice: undefined, dropped: ['tools.mcp'] });
  });

  it('is forced where it alone is there', () => {
    const other = { ...DOCS, server_label: 'other' };
    const { tools, choice } = said([DOCS, other], { type: 'mcp', server_label: 'other' });
    expect(tools.map(({ server_label }) => server_label)).toEqual(['other']);
    expect(choice).toBe('required');
  });
});

describe('what Perplexity did at a server', () => {
  const call = {
    type: 'mcp_call',
    id: 'mcp_1',
    server_label: 'docs',
    name: 'read',
    arguments: '',
    output: 'It says so.',
  };
  const list = {
    type: 'mcp_list_tools',
    id: 'mcpl_1',
    server_label: 'docs',
    tools: [{ name: 'read', input_schema: { type: 'object' }, description: null, more: 1 }],
  };
  const failed = { ...call, id: 'mcp_2', output: null, error: 'No such page.' };

  it('is told once, to who asked for it', () => {
    const whole = { type: 'response.completed', response: { status: 'completed', output: [list, call, failed] } };
    const events = [list, call].map((item) => ({ type: 'response.output_item.done', item }));
    const told = (tools: object[]) => {
      const reader = dialect.stream(responsesRequestOf({ tools }), FACTS);
      const deltas = [...events, whole].flatMap((event) => reader.read(JSON.stringify(event)));
      return deltas.flatMap((delta) => (delta.type === 'choice' ? (delta.delta.server_steps ?? []) : []));
    };
    expect(told([DOCS])).toEqual([
      { type: 'list', server: 'docs', error: null, tools: [{ name: 'read', input_schema: { type: 'object' } }] },
      { type: 'call', server: 'docs', error: null, name: 'read', arguments: '{}', output: 'It says so.' },
      { type: 'call', server: 'docs', error: 'No such page.', name: 'read', arguments: '{}', output: null },
    ]);
    expect(told([])).toEqual([]);
  });
});
