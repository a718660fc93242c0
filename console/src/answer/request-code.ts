import type { AskedAgain } from './asked-again.ts';

/** A request that is to be sent from a program. */
export interface ProgramRequest extends AskedAgain {
  /** Of this gateway, with `/v1`. */
  readonly baseUrl: string;
}

/**
 * The programs that a request can be written as: it says what the page asked for, but for pictures and files, and never
 * a key.
 */
export const PROGRAMS = [
  { name: 'curl', language: 'bash', write: curlOf },
  { name: 'TypeScript', language: 'typescript', write: typescriptOf },
  { name: 'Python', language: 'python', write: pythonOf },
] as const;

function curlOf(request: ProgramRequest): string {
  const body = JSON.stringify(bodyOf(request), null, 2).replaceAll("'", "'\\''");
  return [
    `curl ${request.baseUrl}/responses \\`,
    '  -H "Authorization: Bearer $SLUICE_API_KEY" \\',
    "  -H 'Content-Type: application/json' \\",
    `  -d '${body}'`,
  ].join('\n');
}

function typescriptOf(request: ProgramRequest): string {
  // The types of the SDK do not know the field that is ours.
  const type = 'fallbacks' in request.fields ? ' as OpenAI.Responses.ResponseCreateParamsNonStreaming' : '';
  return [
    "import OpenAI from 'openai';",
    '',
    'const client = new OpenAI({',
    `  baseURL: ${JSON.stringify(request.baseUrl)},`,
    "  apiKey: process.env.SLUICE_API_KEY ?? 'none',",
    '});',
    `const response = await client.responses.create(${JSON.stringify(bodyOf(request), null, 2)}${type});`,
    'console.log(response.output_text);',
  ].join('\n');
}

function pythonOf(request: ProgramRequest): string {
  const { fallbacks, ...known } = bodyOf(request);
  // So are the parameters of its method in Python.
  const named = fallbacks === undefined ? known : { ...known, extra_body: { fallbacks } };
  return [
    'import os',
    'from openai import OpenAI',
    '',
    'client = OpenAI(',
    `    base_url=${JSON.stringify(request.baseUrl)},`,
    '    api_key=os.environ.get("SLUICE_API_KEY", "none"),',
    ')',
    'response = client.responses.create(',
    ...Object.entries(named).map(([name, value]) => `    ${name}=${pythonValue(value, '    ')},`),
    ')',
    'print(response.output_text)',
  ].join('\n');
}

/** A value of JSON as Python writes it: texts and numbers alike, three words otherwise. @param indent of the line it begins in */
function pythonValue(value: unknown, indent: string): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const deeper = `${indent}    `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const entries = Object.entries(value).map(([name, one]) => {
    const before = Array.isArray(value) ? '' : `${JSON.stringify(name)}: `;
    return `${deeper}${before}${pythonValue(one, deeper)},\n`;
  });
  return entries.length === 0 ? `${open}${close}` : `${open}\n${entries.join('')}${indent}${close}`;
}

/** One question alone is a text; a conversation is all that was said, as no id of it is known elsewhere. */
function bodyOf({ model, messages, fields }: AskedAgain): Readonly<Record<string, unknown>> {
  const [first] = messages;
  const isLone = messages.length === 1 && first?.role === 'user';
  const input = isLone ? first.text : messages.map(({ role, text }) => ({ role, content: text }));
  return { model, ...fields, input };
}
