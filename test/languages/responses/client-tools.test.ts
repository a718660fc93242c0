import { describe, expect, it } from 'vitest';
import { checkResponsesBody } from '../../../src/languages/responses/client-check.ts';
import { readResponsesRequest } from '../../../src/languages/responses/client-request.ts';
import { toolNamesOf } from '../../../src/languages/responses/client-tool-names.ts';
import type { JsonRecord } from '../../../src/protocol/json.ts';
import type { ModelRequest } from '../../../src/protocol/model-request.ts';
import { atOnce } from '../../../src/protocol/turns.ts';

function read(fields: object, context: readonly JsonRecord[] = []): ModelRequest {
  return atOnce(readResponsesRequest(bodyOf(fields), context));
}

function bodyOf(fields: object) {
  return atOnce(checkResponsesBody({ model: 'm', input: 'Hi', ...fields }));
}

function namesOf(fields: object, context: readonly JsonRecord[] = []) {
  return toolNamesOf(bodyOf(fields), context);
}

const FUNCTION = { type: 'function', name: 'f', description: 'Adds.', parameters: { type: 'object' }, strict: true };
const SEARCH = { type: 'tool_search', execution: 'client', description: 'Finds tools', parameters: { type: 'object' } };

describe('the tools of a Responses request', () => {
  it('are functions and custom tools as they are declared', () => {
    const format = { type: 'grammar', syntax: 'lark', definition: 'start: "a"' };
    const custom = { type: 'custom', name: 'patch', format };
    expect(read({ tools: [FUNCTION, custom] }).tools).toEqual([
      {
        type: 'function',
        name: 'f',
        description: 'Adds.',
        parameters: { type: 'object' },
        strict: true,
        source: FUNCTION,
      },
      { type: 'custom', name: 'patch', description: null, format, source: custom },
    ]);
  });

  it('have flat names where they stand in a namespace, and its purpose before their own', () => {
    const tools = [{ type: 'namespace', name: 'crm', description: 'Customers.', tools: [FUNCTION] }];
    expect(read({ tools }).tools).toMatchObject([{ name: 'crm__f', description: 'Customers.\n\nAdds.' }]);
    expect(namesOf({ tools }).clientNameOf('crm__f')).toEqual({ kind: 'function', name: 'f', namespace: 'crm' });
  });

  it('have names of 64 characters at most, and each its own', () => {
    const [one, other] = ['a', 'b'].map((last) => ({ ...FUNCTION, name: `${'n'.repeat(90)}${last}` }));
    const tools = [one, other, { type: 'namespace', name: 'x', tools: [FUNCTION] }, { ...FUNCTION, name: 'x__f' }];
    const names = read({ tools }).tools.map((tool) => ('name' in tool ? tool.name : ''));
    expect(new Set(names).size).toBe(4);
    for (const name of names) expect(name).toMatch(/^[\w-]{1,64}$/);
    const table = namesOf({ tools });
    expect(names.map((name) => table.clientNameOf(name))).toEqual([
      { kind: 'function', name: one?.name, namespace: null },
      { kind: 'function', name: other?.name, namespace: null },
      { kind: 'function', name: 'f', namespace: 'x' },
      { kind: 'function', name: 'x__f', namespace: null },
    ]);
  });

  it('are joined by those that items add, in the context too; of two with one name the later one counts', () => {
    const context = [
      {
        type: 'additional_tools',
        tools: [
          { ...FUNCTION, name: 'g' },
          { ...FUNCTION, strict: false },
        ],
      },
    ];
    const input = [
      { type: 'tool_search_call', call_id: 'c1', execution: 'client', arguments: {} },
      { type: 'tool_search_output', call_id: 'c1', tools: [{ ...FUNCTION, name: 'h' }] },
    ];
    const { tools } = read({ tools: [FUNCTION], input }, context);
    expect(tools).toMatchObject([{ name: 'g' }, { name: 'f', strict: false }, { name: 'h' }]);
  });

  it('that are searched by the client are found by a function; a search by the server has nothing to do', () => {
    const { tools, toolChoice } = read({
      tools: [SEARCH, { type: 'tool_search' }],
      tool_choice: { type: 'tool_search' },
    });
    expect(tools).toMatchObject([{ type: 'function', name: 'tool_search', description: 'Finds tools' }]);
    expect(toolChoice).toMatchObject({ type: 'function', name: 'tool_search' });
    expect(namesOf({ tools: [SEARCH] }).clientNameOf('tool_search').kind).toBe('tool_search');
  });

  it('keep the name of the search apart from that of a function', () => {
    const tools = [SEARCH, { ...FUNCTION, name: 'tool_search' }];
    const names = read({ tools }).tools.map((tool) => ('name' in tool ? tool.name : ''));
    expect(names[0]).toBe('tool_search');
    expect(names.map((name) => namesOf({ tools }).clientNameOf(name).kind)).toEqual(['tool_search', 'function']);
  });

  it('that the provider runs stay as they came', () => {
    const tool = { type: 'code_interpreter', container: { type: 'auto' } };
    expect(read({ tools: [tool] }).tools).toEqual([{ type: 'other', kind: 'code_interpreter', source: tool }]);
  });

  it('that were called, and are no longer declared, keep their names', () => {
    const context = [
      { type: 'function_call', call_id: 'c', name: 'f', namespace: 'crm', arguments: '{}' },
      { type: 'function_call_output', call_id: 'c', output: 'x' },
    ];
    expect(read({}, context).messages[0]).toMatchObject({ content: [{ type: 'call', name: 'crm__f' }] });
    expect(namesOf({}, context).clientNameOf('crm__f')).toEqual({ kind: 'function', name: 'f', namespace: 'crm' });
    expect(namesOf({}).clientNameOf('made_up')).toEqual({ kind: 'function', name: 'made_up', namespace: null });
  });

  it('are found by clients that bring back the flat name', () => {
    const tools = [{ type: 'namespace', name: 'crm', tools: [{ type: 'custom', name: 'g' }] }];
    const input = [
      { type: 'custom_tool_call', call_id: 'c', name: 'crm__g', input: 'x' },
      { type: 'custom_tool_call_output', call_id: 'c', output: 'y' },
    ];
    expect(read({ tools, input }).messages[0]).toMatchObject({ content: [{ name: 'crm__g', isCustom: true }] });
    expect(namesOf({ tools, input }).clientNameOf('crm__g')).toEqual({ kind: 'custom', name: 'g', namespace: 'crm' });
  });
});

describe('a search of the web', () => {
  it('is a wish of its own, with the place as a chat has it', () => {
    const location = { type: 'approximate', city: 'Rome', country: null };
    const tool = { type: 'web_search_preview', search_context_size: 'low', user_location: location };
    const { search, tools, origin } = read({ tools: [tool] });
    expect(tools).toEqual([]);
    expect(search).toEqual({
      isForbidden: false,
      options: { search_context_size: 'low', user_location: { type: 'approximate', approximate: { city: 'Rome' } } },
    });
    expect(origin.paramOf('search')).toBe('tools.web_search_preview');
    expect(origin.asked()).toContainEqual({ name: 'tools.web_search_preview', parameter: 'search' });
  });

  it('that must not look at live pages is left to the provider that can do so, and no other search takes its place', () => {
    const tool = { type: 'web_search', external_web_access: false };
    const { search, tools } = read({ tools: [tool] });
    expect(tools).toEqual([{ type: 'other', kind: 'web_search', source: tool }]);
    expect(search).toEqual({ options: null, isForbidden: true });
  });
});

describe('the choice of tools', () => {
  it.each(['none', 'auto', 'required'])('may be %s', (choice) => {
    expect(read({ tool_choice: choice }).toolChoice).toBe(choice);
  });

  it('names tools as a model knows them', () => {
    const tools = [{ type: 'namespace', name: 'crm', tools: [FUNCTION, { type: 'custom', name: 'g' }] }];
    const named = { type: 'function', name: 'f', namespace: 'crm' };
    expect(read({ tools, tool_choice: named }).toolChoice).toEqual({ type: 'function', name: 'crm__f', source: named });
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [named, { type: 'web_search' }] };
    expect(read({ tools, tool_choice: allowed }).toolChoice).toEqual({
      type: 'allowed',
      mode: 'required',
      tools: [
        { type: 'function', name: 'crm__f', source: named },
        { type: 'other', name: null, source: { type: 'web_search' } },
      ],
      source: allowed,
    });
  });
});
