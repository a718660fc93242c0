import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createGeminiDialect } from '../../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../../src/languages/gemini/signature-store.ts';
import { sealEnvelope } from '../../../src/languages/responses/words.ts';
import type { ChunkDelta } from '../../../src/protocol/delta.ts';
import { recordsOf } from '../../../src/protocol/json.ts';
import { responsesRequestOf } from '../../support/asked.ts';
import { FACTS } from '../../support/replay.ts';
import { errorOf } from './translate.ts';

const CODE = { type: 'code_interpreter', container: { type: 'auto' } };
const FUNCTION = { type: 'function', name: 'f', parameters: { type: 'object', properties: {} } };
const dialect = createGeminiDialect({ newId: () => 'call_new', signatures: createSignatureStore() });

function said(fields: object, upstream = 'gemini-3-flash') {
  const { body, dropped } = dialect.request(responsesRequestOf(fields), { ...FACTS, upstream });
  return { body, dropped };
}

describe("OpenAI's tool for code", () => {
  it('is code execution', () => {
    expect(said({ tools: [CODE] })).toMatchObject({ body: { tools: [{ codeExecution: {} }] }, dropped: [] });
  });

  it('stands beside functions from Gemini 3 on; before, it is left out and named', () => {
    const { body, dropped } = said({ tools: [CODE, FUNCTION] });
    expect(recordsOf(body['tools']).map((tool) => Object.keys(tool)[0])).toEqual([
      'functionDeclarations',
      'codeExecution',
    ]);
    expect(dropped).toEqual([]);
    const older = said({ tools: [CODE, FUNCTION] }, 'gemini-2.5-flash');
    expect(older.dropped).toEqual(['tools.code_interpreter']);
    expect(recordsOf(older.body['tools'])).toHaveLength(1);
  });

  it.each([
    ['a container of its own', 'cntr_1'],
    ['files', { type: 'auto', file_ids: ['file-1'] }],
    ['a policy for the network', { type: 'auto', network_policy: { type: 'disabled' } }],
  ])('is left out where it needs %s, and refused where it is demanded', (_, container) => {
    const tools = [{ type: 'code_interpreter', container }];
    const { body, dropped } = said({ tools });
    expect(dropped).toEqual(['tools.code_interpreter']);
    expect(body).not.toHaveProperty('tools');
    const allowed = { type: 'allowed_tools', mode: 'required', tools: [{ type: 'code_interpreter' }] };
    for (const tool_choice of [{ type: 'code_interpreter' }, 'required', allowed]) {
      expect(errorOf(() => said({ tools, tool_choice }))).toMatchObject({
        code: 'invalid_value',
        param: 'tool_choice',
      });
    }
  });

  it('is not demanded where any other tool will do', () => {
    const tools = [{ type: 'code_interpreter', container: 'cntr_1' }, { type: 'web_search' }];
    expect(said({ tools, tool_choice: 'required' })).toMatchObject({
      body: { tools: [{ googleSearch: {} }] },
      dropped: ['tools.code_interpreter', 'tool_choice'],
    });
  });

  it('cannot be forced, and cannot have so much memory', () => {
    expect(said({ tools: [CODE], tool_choice: { type: 'code_interpreter' } }).dropped).toEqual(['tool_choice']);
    const container = { type: 'auto', memory_limit: '4g' };
    expect(said({ tools: [{ ...CODE, container }] }).dropped).toEqual([
      'tools.code_interpreter.container.memory_limit',
    ]);
  });

  it('is not there where it may not be called', () => {
    const mode = { type: 'allowed_tools', mode: 'auto' };
    const only = (tools: object[]) => said({ tools: [CODE, FUNCTION], tool_choice: { ...mode, tools } });
    expect(recordsOf(only([{ type: 'function', name: 'f' }]).body['tools'])).toHaveLength(1);
    const both = [{ type: 'function', name: 'f' }, { type: 'code_interpreter' }];
    expect(recordsOf(only(both).body['tools'])).toHaveLength(2);
    expect(said({ tools: [CODE], tool_choice: 'none' }).body).not.toHaveProperty('tools');
  });
});

describe("OpenAI's tool for images", () => {
  it('is met by models that paint; its options are named', () => {
    const tools = [{ type: 'image_generation', size: '1024x1024', quality: null }];
    const { body, dropped } = said({ tools }, 'gemini-3-pro-image');
    expect(body['generationConfig']).toMatchObject({ responseModalities: ['TEXT', 'IMAGE'] });
    expect(body).not.toHaveProperty('tools');
    expect(dropped).toEqual(['tools.image_generation.size']);
    expect(said({ tools }, 'gemini-3-pro').dropped).toEqual(['tools.image_generation']);
  });
});

describe('code that Google ran', () => {
  const events = readFileSync(
    new URL('../../fixtures/gemini/code-execution-finishes-twice.sse', import.meta.url),
    'utf8',
  )
    .split(/\r?\n\r?\n/)
    .filter((event) => event.startsWith('data: '))
    .map((event) => event.slice('data: '.length));

  function read(fields: object): readonly ChunkDelta[] {
    const reader = dialect.stream(responsesRequestOf(fields), FACTS);
    const deltas = [...events.flatMap((event) => reader.read(event)), ...reader.end()];
    return deltas.flatMap((delta) =>
      delta.type === 'choice' && Object.keys(delta.delta).length > 0 ? [delta.delta] : [],
    );
  }

  it('is told as such to who asked for it, also beside pure JSON', () => {
    const told = [
      { content: 'Let me compute.' },
      { code_runs: [{ index: 0, code: 'print(6 * 7)\n' }] },
      { code_runs: [{ index: 0, output: '42\n', outcome: 'completed' }] },
      { content: 'It is 42.' },
    ];
    expect(read({ tools: [CODE] })).toEqual(told);
    expect(read({ tools: [CODE], text: { format: { type: 'json_object' } } })).toEqual(told);
  });

  it('stands in the text for who asked by the name that Google has', () => {
    const words = read({ tools: [{ type: 'code_execution' }] }).map(({ content }) => content);
    expect(words.join('')).toContain('```python\nprint(6 * 7)\n```');
  });
});

describe('code of the history', () => {
  const run = {
    type: 'code_interpreter_call',
    id: 'ci_1',
    status: 'completed',
    container_id: 'c',
    code: 'print(42)',
    outputs: [{ type: 'logs', logs: '42\n' }],
  };
  const input = [{ role: 'user', content: 'Compute' }, run, { role: 'user', content: 'And now?' }];
  const seal = { provider: 'google', kind: 'thought-signature', data: 'sig', callId: null, answeredBy: 'g' } as const;
  const signed = { ...run, encrypted_content: sealEnvelope(seal) };

  function partsOf(fields: object, upstream?: string): unknown {
    return recordsOf(said(fields, upstream).body['contents'])[1]?.['parts'];
  }

  it('comes back as parts of its own, with its signature', () => {
    expect(partsOf({ input: input.with(1, signed), tools: [CODE] })).toEqual([
      { executableCode: { language: 'PYTHON', code: 'print(42)', id: 'ci_1' }, thoughtSignature: 'sig' },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42\n', id: 'ci_1' } },
    ]);
    expect(partsOf({ input, tools: [CODE] }, 'gemini-2.5-flash')).toEqual([
      { executableCode: { language: 'PYTHON', code: 'print(42)' } },
      { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '42\n' } },
    ]);
  });

  it('is told in words where the model did not sign it, or may run none now', () => {
    const words = [{ text: '[code_interpreter_call]\nprint(42)\n\n42\n\n\n' }];
    expect(partsOf({ input, tools: [CODE] })).toEqual(words);
    expect(partsOf({ input: input.with(1, signed) })).toEqual(words);
  });
});
