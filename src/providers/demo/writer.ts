import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import type { ChatRequest } from '../../languages/chat/schema.ts';
import { DONE_FRAME, toFrame } from '../../protocol/sse.ts';
import type { DemoFault } from './faults.ts';
import { type DemoTokens, logprobsOf } from './tokens.ts';

const TOKEN_MS = 10;
const SLOW_FIRST_MS = 3000;
const SLOW_TOKEN_MS = 250;
/** How much of an answer comes before a fault in its middle. */
const TOKENS_BEFORE_FAULT = 8;

/** What is to be sent, and what shall go wrong with it. */
export interface DemoReply {
  readonly chat: ChatRequest;
  readonly answers: readonly DemoTokens[];
  readonly usage: object;
  readonly fault: DemoFault | null;
}

/** Sends the answer as one `chat.completion`. @param gone aborts when the caller hangs up */
export async function writeDemoBody(response: ServerResponse, reply: DemoReply, gone: AbortSignal): Promise<void> {
  const { chat, answers, usage, fault } = reply;
  const choices = answers.map((tokens, index) => ({
    index,
    message: toMessage(tokens, chat, index),
    logprobs: logprobsOf(chat, tokens.text),
    finish_reason: tokens.finish,
  }));
  const body = JSON.stringify({ ...identityOf(chat), object: 'chat.completion', choices, usage });
  if (fault === 'slow') await wait(SLOW_FIRST_MS, undefined, { signal: gone });
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  if (fault === 'garbage') response.end('#'.repeat(Buffer.byteLength(body)));
  else if (fault === 'cut' || fault === 'stall') {
    response.write(body.slice(0, body.length / 2));
    if (fault === 'cut') setImmediate(() => response.destroy());
  } else response.end(body);
}

function toMessage({ thought, text, calls }: DemoTokens, chat: ChatRequest, choice: number): object {
  const toolCalls = calls.map(({ name, pieces }, index) => ({
    id: callId(chat, choice, index),
    type: 'function',
    function: { name, arguments: pieces.join('') },
  }));
  return {
    role: 'assistant',
    content: calls.length > 0 ? null : text.join(''),
    refusal: null,
    ...(thought.length > 0 ? { reasoning_content: thought.join('') } : {}),
    ...(calls.length > 0 ? { tool_calls: toolCalls } : {}),
  };
}

/** Sends the answer as `chat.completion.chunk` events, one per token. @param gone aborts when the caller hangs up */
export async function writeDemoStream(response: ServerResponse, reply: DemoReply, gone: AbortSignal): Promise<void> {
  const { chat, answers, usage, fault } = reply;
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  response.flushHeaders();
  if (fault === 'slow') await wait(SLOW_FIRST_MS, undefined, { signal: gone });
  let sent = 0;
  for (const choice of answers.flatMap((tokens, index) => toChoices(tokens, chat, index))) {
    if (sent++ > TOKENS_BEFORE_FAULT && isMidFault(fault)) return breakOff(response, fault);
    await wait(fault === 'slow' ? SLOW_TOKEN_MS : TOKEN_MS, undefined, { signal: gone });
    response.write(toChunk(chat, [choice]));
  }
  if (chat.stream_options?.include_usage) response.write(toChunk(chat, [], { usage }));
  response.end(fault === 'no-done' ? undefined : DONE_FRAME);
}

/** The `choices` entries of one answer, in the order of their chunks. */
function toChoices({ thought, text, calls, finish }: DemoTokens, chat: ChatRequest, index: number): object[] {
  const toChoice = (delta: object, logprobs: object | null = null, reason: string | null = null): object => {
    return { index, delta, logprobs, finish_reason: reason };
  };
  return [
    toChoice({ role: 'assistant', content: calls.length > 0 ? null : '' }),
    ...thought.map((token) => toChoice({ reasoning_content: token })),
    ...text.map((token) => toChoice({ content: token }, logprobsOf(chat, [token]))),
    ...calls.flatMap(({ name, pieces }, order) => [
      toChoice({ tool_calls: [opening(callId(chat, index, order), name, order)] }),
      ...pieces.map((piece) => toChoice({ tool_calls: [{ index: order, function: { arguments: piece } }] })),
    ]),
    toChoice({}, null, finish),
  ];
}

/** The first piece of a call. */
function opening(id: string, name: string, index: number): object {
  return { index, id, type: 'function', function: { name, arguments: '' } };
}

/** Unlike that of any other call of the conversation, and the same whenever it is asked again. */
function callId({ messages }: ChatRequest, choice: number, order: number): string {
  return `call_demo_${messages.length}_${choice}_${order}`;
}

function toChunk(chat: ChatRequest, choices: readonly object[], rest: object = {}): string {
  return toFrame({ ...identityOf(chat), object: 'chat.completion.chunk', choices, ...rest });
}

function identityOf({ model }: ChatRequest): object {
  return { id: 'chatcmpl-demo', created: 1_790_000_000, model, system_fingerprint: 'fp_demo' };
}

function isMidFault(fault: DemoFault | null): fault is 'cut' | 'stall' | 'garbage' {
  return fault === 'cut' || fault === 'stall' || fault === 'garbage';
}

function breakOff(response: ServerResponse, fault: 'cut' | 'stall' | 'garbage'): void {
  if (fault === 'cut') response.destroy();
  if (fault === 'garbage') response.end('data: {"choices":[{"delta":{"content": \n\n');
}
