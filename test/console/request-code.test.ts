import { execFileSync } from 'node:child_process';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { type AskedAgain, messagesBefore } from '../../console/src/answer/asked-again.ts';
import { NO_PARTS } from '../../console/src/answer/parts.ts';
import { PROGRAMS } from '../../console/src/answer/request-code.ts';
import { toChatBody } from '../../console/src/answer/router-question.ts';
import type { Said } from '../../console/src/answer/said.ts';
import { NO_SETTINGS, toFields } from '../../console/src/answer/settings.ts';

const HARD = `It's "so" \\ $HOME \`id\` ${'$'}{x}\nand 🌊 \u2028`;
const SCHEMA = { type: 'object', additionalProperties: false, default: null };
const FIELDS = toFields({
  ...NO_SETTINGS,
  ...{ effort: 'high', temperature: '0.5', maxTokens: '99', instructions: "Don't.", fallbacks: 'demo, other' },
  schema: JSON.stringify(SCHEMA),
});

const said = (role: 'user' | 'assistant', text: string) => ({ role, text, files: [] });
const LONE: AskedAgain = { model: 'auto', messages: [said('user', HARD)], fields: {} };
const SEVERAL: AskedAgain = {
  model: 'auto',
  messages: [...LONE.messages, said('assistant', 'Yes.'), said('user', 'And?')],
  fields: FIELDS,
};
const INPUT = [
  { role: 'user', content: HARD },
  { role: 'assistant', content: 'Yes.' },
  { role: 'user', content: 'And?' },
];
const BODIES = [
  ['one question', LONE, { model: 'auto', input: HARD }],
  ['a conversation with settings', SEVERAL, { model: 'auto', ...FIELDS, input: INPUT }],
] as const;

function write(name: string, asked: AskedAgain): string {
  const program = PROGRAMS.find((one) => one.name === name);
  return program?.write({ baseUrl: 'http://127.0.0.1:8080/v1', ...asked }) ?? '';
}

/** A value as it is written in a program, read by JavaScript: but for three words Python has no others. */
function read(literal: string): unknown {
  const value: unknown = runInNewContext(`(${literal})`, { None: null, True: true, False: false });
  return JSON.parse(JSON.stringify(value));
}

describe('a request as a program', () => {
  it.each(PROGRAMS.map(({ name }) => name))('has the address and the variable of the key in it: %s', (name) => {
    expect(write(name, LONE)).toContain('http://127.0.0.1:8080/v1');
    expect(write(name, LONE)).toContain('SLUICE_API_KEY');
  });

  it.each(BODIES)('keeps every sign through a shell: %s', (_name, asked, body) => {
    // The shell reads it as it would; what would be sent is printed.
    const script = write('curl', asked).replace(/^curl/, 'printf "%s\\n"');
    const printed = execFileSync('sh', ['-c', script], { encoding: 'utf8', env: { SLUICE_API_KEY: 'k' } });
    expect(JSON.parse(printed.slice(printed.indexOf('-d\n') + 3))).toEqual(body);
    expect(printed).toContain('Authorization: Bearer k');
  });

  it.each(BODIES)('keeps every sign in TypeScript: %s', (_name, asked, body) => {
    const [, literal = ''] = /create\((.*?)(?: as OpenAI[\w.]+)?\);\nconsole/s.exec(write('TypeScript', asked)) ?? [];
    expect(read(literal)).toEqual(body);
  });

  it.each(BODIES)('keeps every sign in Python, with what is ours in extra_body: %s', (_name, asked, body) => {
    const [, call = ''] = /create\(\n(.*)\n\)\nprint/s.exec(write('Python', asked)) ?? [];
    const named = read(`{${call.replace(/^ {4}(\w+)=/gm, '"$1": ')}}`);
    const { extra_body: ours, ...known } = named as { extra_body?: object };
    expect({ ...known, ...ours }).toEqual(body);
    expect(known).not.toHaveProperty('fallbacks');
  });
});

describe('a request for the router', () => {
  it('has the words of chat for the settings', () => {
    expect(toChatBody(SEVERAL)).toEqual({
      model: 'auto',
      messages: [{ role: 'system', content: "Don't." }, ...INPUT],
      ...{ temperature: 0.5, reasoning_effort: 'high', max_completion_tokens: 99, fallbacks: ['demo', 'other'] },
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: SCHEMA } },
    });
    expect(toChatBody(LONE)).toEqual({ model: 'auto', messages: INPUT.slice(0, 1) });
  });

  it('has pictures and files, as not every model takes them', () => {
    const files = [
      { kind: 'image', name: 'a.png', url: 'data:image/png;base64,AA' },
      { kind: 'file', name: 'b.pdf', url: 'data:application/pdf;base64,AA' },
    ] as const;
    expect(toChatBody({ ...LONE, messages: [{ role: 'user', text: 'See', files }] })).toMatchObject({
      messages: [{ content: [{ type: 'image_url' }, { type: 'file', file: { filename: 'b.pdf' } }, { text: 'See' }] }],
    });
  });

  it('is what stood before the answer', () => {
    const all = ['a', 'b', 'c'].map((key): Said => {
      return { ...NO_PARTS, key, id: null, before: null, role: 'user', text: key, files: [], turn: null };
    });
    expect(messagesBefore(all, 'c').map(({ text }) => text)).toEqual(['a', 'b']);
    // The one that is coming is not in the list yet.
    expect(messagesBefore(all, 'coming')).toHaveLength(3);
  });
});
