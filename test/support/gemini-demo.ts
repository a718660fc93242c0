import { onTestFinished } from 'vitest';
import { type Answer, type Asked, startProvider } from '../../lab/provider.ts';
import { geminiAnswer, json, toEvent } from '../../lab/wire-answers.ts';
import { parseChatRequest } from '../../src/languages/chat/client-check.ts';
import type { ChatRequest } from '../../src/languages/chat/schema.ts';
import { type JsonRecord, parseJson, recordOf, recordsOf } from '../../src/protocol/json.ts';
import { demoAnswer } from '../../src/providers/demo/answer.ts';
import { createPromptCache, type PromptCache } from '../../src/providers/demo/cache.ts';
import { type DemoTokens, promptTokens, toTokens } from '../../src/providers/demo/tokens.ts';

/** The demo model behind Gemini's own language, signatures included. */
export interface GeminiDemo {
  /** The provider `g` with its model `m`, as a configuration. */
  readonly config: string;
  /** What it was asked, in order. */
  readonly bodies: readonly JsonRecord[];
}

/** Starts it for one test. */
export async function runGeminiDemo(): Promise<GeminiDemo> {
  const bodies: JsonRecord[] = [];
  const cache = createPromptCache();
  const provider = await startProvider((asked) => {
    const body = recordOf(parseJson(asked.body.toString('utf8')));
    bodies.push(body);
    return toAnswer(asked, body, cache);
  });
  onTestFinished(() => provider.close());
  const config =
    `providers: { g: { kind: gemini, base_url: "${provider.url}/v1beta", api_key: k } }\n` +
    'models: { m: { provider: g, upstream: gemini-3-flash } }\nserver: { drain: 0ms }\n';
  return { config, bodies };
}

function toAnswer({ path, number }: Asked, body: JsonRecord, cache: PromptCache): Answer {
  const chat = toChat(body);
  const tokens = toTokens(chat, demoAnswer(chat));
  const parts = toParts(tokens, number);
  const finish = tokens.finish === 'length' ? 'MAX_TOKENS' : 'STOP';
  const usageMetadata = { ...toUsage(tokens, promptTokens(chat)), cachedContentTokenCount: cache.add(chat) };
  const last = (said: readonly object[]): object => ({ ...geminiAnswer(said, null, finish), usageMetadata });
  if (!path.includes(':streamGenerateContent')) return json(last(parts));
  const events = parts.map((part) => toEvent(geminiAnswer([part], null)));
  return { headers: { 'content-type': 'text/event-stream' }, body: [...events, toEvent(last([{ text: '' }]))] };
}

/** A call whose arguments were cut is not told by Gemini. */
function toParts({ thought, text, calls, finish }: DemoTokens, number: number): object[] {
  const told = finish === 'length' ? [] : calls;
  return [
    ...thought.map((token) => ({ text: token, thought: true })),
    ...text.map((token) => ({ text: token })),
    ...told.map(({ name, pieces }, at) => ({
      functionCall: { id: `g${number}${at}`, name, args: JSON.parse(pieces.join('')) },
      ...(at === 0 ? { thoughtSignature: `signature of g${number}${at}` } : {}),
    })),
  ];
}

function toUsage({ thought, text, calls }: DemoTokens, prompt: number): JsonRecord {
  const candidatesTokenCount = text.length + calls.reduce((sum, { pieces }) => sum + pieces.length, 0);
  return { promptTokenCount: prompt, candidatesTokenCount, thoughtsTokenCount: thought.length };
}

/** A request in Gemini's words as the demo model reads it. */
function toChat({ systemInstruction, contents, tools, toolConfig, generationConfig }: JsonRecord): ChatRequest {
  const config = recordOf(generationConfig);
  const system = textIn(recordOf(systemInstruction));
  const functions = recordsOf(tools).flatMap(({ functionDeclarations }) => recordsOf(functionDeclarations));
  const { mode } = recordOf(recordOf(toolConfig)['functionCallingConfig']);
  const schema = config['responseJsonSchema'];
  const isJson = config['responseMimeType'] === 'application/json';
  const jsonSchema = { type: 'json_schema', json_schema: { name: 'answer', schema } };
  return parseChatRequest({
    model: 'demo',
    messages: [
      ...(system === '' ? [] : [{ role: 'system', content: system }]),
      ...recordsOf(contents).flatMap(toMessages),
    ],
    ...(functions.length > 0 ? { tools: functions.map(toTool), tool_choice: choiceOf(mode) } : {}),
    ...(isJson ? { response_format: schema === undefined ? { type: 'json_object' } : jsonSchema } : {}),
    ...(recordOf(config['thinkingConfig'])['includeThoughts'] === true ? { reasoning_effort: 'low' } : {}),
    max_completion_tokens: config['maxOutputTokens'],
    stop: config['stopSequences'],
  });
}

function choiceOf(mode: unknown): string {
  if (mode === 'ANY') return 'required';
  return mode === 'NONE' ? 'none' : 'auto';
}

function toTool({ name, description, parametersJsonSchema, parameters }: JsonRecord): JsonRecord {
  return { type: 'function', function: { name, description, parameters: parametersJsonSchema ?? parameters } };
}

function toMessages(content: JsonRecord): JsonRecord[] {
  const parts = recordsOf(content['parts']);
  const calls = parts.map(({ functionCall }) => recordOf(functionCall)).filter(({ name }) => name !== undefined);
  if (calls.length > 0) return [{ role: 'assistant', content: textIn(content), tool_calls: calls.map(toCall) }];
  const results = parts
    .map(({ functionResponse }) => recordOf(functionResponse))
    .filter(({ name }) => name !== undefined);
  if (results.length > 0) return results.map(toResult);
  const media = parts.filter(({ inlineData, fileData }) => inlineData !== undefined || fileData !== undefined);
  const said = [{ type: 'text', text: textIn(content) }, ...media.map(() => PICTURE)];
  return [
    { role: content['role'] === 'model' ? 'assistant' : 'user', content: media.length > 0 ? said : textIn(content) },
  ];
}

const PICTURE = { type: 'image_url', image_url: { url: 'data:image/png;base64,iVBORw0KGgo=' } };

function toCall({ id, name, args }: JsonRecord): JsonRecord {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(args) } };
}

function toResult({ id, response }: JsonRecord): JsonRecord {
  const { output, ...rest } = recordOf(response);
  return {
    role: 'tool',
    tool_call_id: id,
    content: typeof output === 'string' ? output : JSON.stringify(output ?? rest),
  };
}

function textIn({ parts }: JsonRecord): string {
  return recordsOf(parts)
    .map(({ text }) => text ?? '')
    .join('');
}
