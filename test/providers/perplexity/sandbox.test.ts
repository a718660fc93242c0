import { describe, expect, it } from 'vitest';
import { recordsOf } from '../../../src/protocol/json.ts';
import { perplexity } from '../../../src/providers/perplexity/perplexity.ts';
import { responsesRequestOf } from '../../support/asked.ts';
import { FACTS, SPOKEN_TO } from '../../support/replay.ts';

const TOOLS = { newId: () => 'call_new', signatures: { get: () => null, set: () => {} } };
const CODE = { type: 'code_interpreter', container: { type: 'auto' } };
const FUNCTION = { type: 'function', name: 'f', parameters: {} };
const upstream = 'openai/gpt-6-luna';
const dialect = perplexity.createDialect(TOOLS, SPOKEN_TO)(responsesRequestOf({}), FACTS);

function said(fields: object) {
  const { body, dropped } = dialect.request(responsesRequestOf(fields), { ...FACTS, upstream });
  const types = recordsOf(body['tools']).map(({ type }) => type);
  return { types, choice: body['tool_choice'], dropped };
}

describe("OpenAI's tool for code", () => {
  it('is the sandbox, beside functions and a search', () => {
    expect(said({ tools: [CODE, FUNCTION, { type: 'web_search' }] })).toEqual({
      types: ['sandbox', 'function', 'web_search'],
      choice: undefined,
      dropped: [],
    });
  });

  it('is forced where it alone is there', () => {
    const tool_choice = { type: 'code_interpreter' };
    expect(said({ tools: [FUNCTION, CODE], tool_choice })).toEqual({
      types: ['sandbox'],
      choice: 'required',
      dropped: [],
    });
  });

  it('is not there where it may not be called', () => {
    const allowed = { type: 'allowed_tools', mode: 'auto' };
    const only = (...tools: object[]) => said({ tools: [CODE, FUNCTION], tool_choice: { ...allowed, tools } }).types;
    expect(only({ type: 'function', name: 'f' })).toEqual(['function']);
    expect(only({ type: 'code_interpreter' })).toEqual(['sandbox']);
    expect(said({ tools: [CODE], tool_choice: 'none' }).types).toEqual([]);
  });
});

describe('code that Perplexity ran', () => {
  const run = {
    type: 'sandbox_results',
    call_id: 'c1',
    language: 'bash',
    code: 'ls',
    results: [],
    status: 'in_progress',
  };
  const printed = { stdout: 'a\n', stderr: 'no b\n', exit_code: 1, status: 'failed' };

  function read(...events: object[]) {
    const reader = dialect.stream(responsesRequestOf({ tools: [CODE] }), FACTS);
    const deltas = events.flatMap((event) => reader.read(JSON.stringify(event)));
    return deltas.flatMap((delta) => (delta.type === 'choice' ? (delta.delta.code_runs ?? []) : []));
  }

  it('is told once, as it becomes known', () => {
    const ended = { ...run, status: 'failed', results: [printed] };
    const runs = read(
      { type: 'response.output_item.added', output_index: 0, item: run },
      { type: 'response.output_item.done', output_index: 0, item: ended },
      { type: 'response.completed', response: { status: 'completed', output: [ended, { ...ended, call_id: 'c2' }] } },
    );
    expect(runs).toEqual([
      { index: 0, code: 'ls' },
      { index: 0, code: '', output: 'a\nno b\n', outcome: 'completed' },
      { index: 1, code: 'ls', output: 'a\nno b\n', outcome: 'completed' },
    ]);
  });

  it('has failed where its time was up', () => {
    const item = { ...run, container_id: 'box', status: 'timed_out', results: [{ ...printed, status: 'timed_out' }] };
    expect(read({ type: 'response.output_item.done', output_index: 0, item })).toEqual([
      { index: 0, container: 'box', code: 'ls', output: 'a\nno b\n', outcome: 'failed' },
    ]);
  });
});
