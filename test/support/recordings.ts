import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../src/protocol/json.ts';

export type Api = 'chat' | 'sonar' | 'gemini' | 'responses' | 'agent';

/** One recorded exchange with a provider. */
export interface Recording {
  /** `provider/slug` */
  readonly name: string;
  readonly provider: string;
  readonly slug: string;
  readonly api: Api;
  readonly kind: 'stream' | 'json' | 'error';
  readonly status: number;
  /** Lower-case names. Empty when the recorder kept none. */
  readonly headers: Readonly<Record<string, string>>;
  /** What the provider sent, with its framing. */
  readonly body: Buffer;
  /** The request in the provider's language, when the recorder kept it. */
  readonly request: JsonRecord | null;
}

/** A recorded answer with what the vendor's own client read from it. */
export interface Case {
  readonly id: string;
  readonly provider: string;
  readonly stream: boolean;
  readonly body: Buffer;
  readonly expected: CaseExpectation;
}

export interface CaseExpectation {
  readonly text: string;
  readonly reasoning: string;
  readonly toolCalls: readonly { readonly name: string; readonly args: unknown }[];
  readonly finishReason: string;
  readonly usage: {
    readonly inputTokens: { readonly total?: number };
    readonly outputTokens: { readonly total?: number; readonly reasoning?: number };
  };
  readonly sources: readonly string[];
}

/** What the recorded request said of tools that the model must not call: an answer to it may have no words. */
export function forbiddenToolsOf({ api, request }: Recording): Pick<ChatRequest, 'tools' | 'tool_choice'> {
  if (api !== 'chat' || request?.['tool_choice'] !== 'none') return {};
  return { tools: recordsOf(request['tools']) as ChatRequest['tools'], tool_choice: 'none' };
}

/** Recordings of real traffic; null unless RECORDINGS_DIR names their folder. */
export function loadRecordings(): readonly Recording[] | null {
  const dir = process.env['RECORDINGS_DIR'];
  return dir ? recordsOf(readJson(join(dir, 'index.json'))).map((entry) => loadRecording(dir, entry)) : null;
}

/** The cases of `response-cases.json`; null unless CASES_DIR names its folder. */
export function loadCases(): readonly Case[] | null {
  const dir = process.env['CASES_DIR'];
  return dir ? recordsOf(readJson(join(dir, 'response-cases.json'))).map(toCase) : null;
}

function loadRecording(dir: string, entry: JsonRecord): Recording {
  const folder = join(dir, String(entry['provider']), String(entry['slug']));
  const api = entry['api'] as Api;
  const file = String(entry['body']);
  const raw = readFileSync(join(folder, file));
  const request = join(folder, 'request.json');
  return {
    name: `${entry['provider']}/${entry['slug']}`,
    provider: String(entry['provider']),
    slug: String(entry['slug']),
    api,
    kind: entry['kind'] as Recording['kind'],
    status: Number(entry['status']),
    headers: toHeaders(recordOf(readJson(join(folder, 'meta.json')))['headers']),
    body: file === 'response.chunks.txt' ? frameLines(raw.toString('utf8'), api) : raw,
    request: existsSync(request) ? asRecord(readJson(request)) : null,
  };
}

/** The framing that the recorder had taken off: one payload a line. */
function frameLines(text: string, api: Api): Buffer {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  return Buffer.from(lines.map((line) => frameLine(line, api)).join(''));
}

function frameLine(line: string, api: Api): string {
  if (api === 'gemini' || api === 'sonar') return `data: ${line}\r\n\r\n`;
  if (api === 'responses') return `event: ${stringOf(recordOf(parseJson(line))['type'])}\ndata: ${line}\n\n`;
  return `data: ${line}\n\n`;
}

function toHeaders(value: unknown): Record<string, string> {
  const entries = Object.entries(recordOf(value)).map(([name, content]) => [name.toLowerCase(), String(content)]);
  return Object.fromEntries(entries);
}

/** Gemini's and Sonar's streams had CRLF on the wire, which the cases have lost. */
function toCase(entry: JsonRecord): Case {
  const provider = String(entry['provider']);
  const hasCrlf = entry['stream'] === true && (provider === 'google' || provider === 'perplexity');
  const text = String(entry['body']);
  return {
    id: String(entry['id']),
    provider,
    stream: entry['stream'] === true,
    body: Buffer.from(hasCrlf ? text.replaceAll('\n\n', '\r\n\r\n') : text),
    expected: entry['expected'] as CaseExpectation,
  };
}

function readJson(file: string): unknown {
  return JSON.parse(readFileSync(file, 'utf8'));
}

function asRecord(value: unknown): JsonRecord | null {
  return isRecord(value) ? value : null;
}
