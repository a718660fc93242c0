import type { Capability } from '../config/schema.ts';
import type { ModelFacts } from '../languages/dialect.ts';
import { estimateUsage } from '../protocol/estimate.ts';
import type { JsonRecord } from '../protocol/json.ts';
import { type FilePart, type ModelPart, wordsOf } from '../protocol/model-message.ts';
import type { ModelRequest, ModelTool } from '../protocol/model-request.ts';

/** Capabilities that a request can ask for; `prefill` is asked for by the rescue alone. */
export type Need = Exclude<Capability, 'prefill'>;

/** What a request needs of the model that answers it. */
export interface Needs {
  readonly capabilities: ReadonlySet<Need>;
  /** The prompt's tokens, estimated when first asked for. */
  promptTokens(): number;
  /** What the answer may take: the request's own limit, else a typical answer. */
  readonly answerTokens: number;
  /** Whether the prompt leaves so much room in a window; it seldom has to estimate the tokens for that. */
  leaveRoom(window: number, room: number): boolean;
}

/** A typical answer, where the request sets no limit. */
export const TYPICAL_ANSWER_TOKENS = 500;

/** Needs that a model either meets or cannot take the request; without the others a parameter is dropped and named. */
const CONTENT: ReadonlySet<Need> = new Set<Need>(['tools', 'vision', 'audio', 'pdf']);

/** Efforts that ask for no thought, or for as little as there is. */
const NO_EFFORTS: ReadonlySet<string> = new Set(['none', 'minimal']);

/** Reads off a request what it needs; tokens are estimated when they are asked for. */
export function needsOf(request: ModelRequest): Needs {
  let [most, prompt]: (number | null)[] = [null, null];
  const answerTokens = request.maxOutputTokens ?? TYPICAL_ANSWER_TOKENS;
  const promptTokens = (): number => {
    prompt ??= estimateUsage(request, 0).prompt_tokens;
    return prompt;
  };
  return {
    capabilities: new Set([...neededForContent(request), ...neededForParameters(request)]),
    promptTokens,
    answerTokens,
    leaveRoom(window, room) {
      most ??= mostTokens(request);
      return most + room <= window || promptTokens() + room <= window;
    },
  };
}

/**
 * Why a model cannot do what is needed, in words; null when it can, or when its facts are not known.
 * @param only `content` passes over what would merely be dropped, and over room for an answer
 */
export function missingCapability(facts: ModelFacts, needs: Needs, only: 'content' | 'everything'): string | null {
  const { capabilities } = facts;
  if (capabilities !== null) {
    for (const need of needs.capabilities) {
      if ((only === 'everything' || CONTENT.has(need)) && !capabilities.includes(need)) return LACKS[need];
    }
  }
  const room = only === 'everything' ? needs.answerTokens : 0;
  const { contextWindow } = facts;
  if (contextWindow === null || needs.leaveRoom(contextWindow, room)) return null;
  const answer = room > 0 ? ` and ${room} for the answer` : '';
  return `its window of ${contextWindow} tokens is too small for ${needs.promptTokens()} tokens${answer}`;
}

/** Whether prompt and answer fit into the window; null when it is not known. */
export function fits({ contextWindow }: ModelFacts, needs: Needs): boolean | null {
  return contextWindow === null ? null : needs.leaveRoom(contextWindow, needs.answerTokens);
}

/** No estimate is higher: no text has more tokens than characters, and to count those takes no time. */
function mostTokens({ messages, tools }: ModelRequest): number {
  let most = mostInJson(tools.map((tool) => tool.source ?? tool));
  for (const message of messages) {
    const { content } = message;
    most += 10 + wordsOf(content).length;
    if (typeof content !== 'string') for (const part of content) most += mostInPart(part);
  }
  return most;
}

function mostInPart(part: ModelPart): number {
  return 100 + (part.type === 'call' ? mostInJson(part.source ?? part) : 0);
}

/** A character is two of JSON or more, but never two tokens. */
function mostInJson(value: unknown): number {
  if (typeof value === 'string') return 2 * value.length + 2;
  if (typeof value !== 'object' || value === null) return 26;
  let most = 2;
  for (const key in value) most += 2 * key.length + 4 + mostInJson((value as JsonRecord)[key]);
  return most;
}

const LACKS: Readonly<Record<Need, string>> = {
  tools: 'it cannot call tools',
  vision: 'it cannot see images',
  audio: 'it cannot hear audio',
  pdf: 'it cannot read PDF files',
  json_schema: 'it cannot be held to a JSON schema',
  reasoning: 'it cannot reason',
  web_search: 'it cannot search the web',
};

function neededForContent({ messages }: ModelRequest): Need[] {
  const needs: Need[] = [];
  for (const { content } of messages) {
    if (typeof content === 'string') continue;
    for (const part of content) {
      const need = neededForPart(part);
      if (need !== null) needs.push(need);
    }
  }
  return needs;
}

function neededForPart(part: ModelPart): Need | null {
  if (part.type === 'image') return 'vision';
  if (part.type === 'audio') return 'audio';
  return part.type === 'file' ? neededForFile(part) : null;
}

/** A file that says nothing of its kind is a PDF: it is what files in chats are for. */
function neededForFile({ data, name }: FilePart): Need | null {
  const kind = /^data:([a-z]+)\/([a-z0-9.+-]+)/i.exec(data?.slice(0, 100) ?? '');
  if (kind === null) return /\.(?!pdf$)\w+$/i.test(name ?? '') ? null : 'pdf';
  const [, family = '', type = ''] = kind;
  if (family === 'image') return 'vision';
  if (family === 'audio') return 'audio';
  return type === 'pdf' || type === 'octet-stream' ? 'pdf' : null;
}

function neededForParameters({ tools, search, outputFormat, reasoning }: ModelRequest): Need[] {
  const needs: Need[] = [];
  for (const tool of tools) needs.push(isSearch(tool) ? 'web_search' : 'tools');
  if (search.options !== null) needs.push('web_search');
  if (outputFormat?.type === 'json_schema') needs.push('json_schema');
  if (reasoning.effort && !NO_EFFORTS.has(reasoning.effort)) needs.push('reasoning');
  return needs;
}

function isSearch(tool: ModelTool): boolean {
  return tool.type === 'other' && tool.kind.startsWith('web_search');
}
