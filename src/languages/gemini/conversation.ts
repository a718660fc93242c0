import { type AnswerMessage, type ModelMessage, partsIn, wordsOf } from '../../protocol/model-message.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import { toRunParts } from './code.ts';
import { type GeminiPart, toParts } from './parts.ts';
import { readSignatures } from './signatures.ts';
import { type ConversationHistory, readCalls, takeResults, toCallParts, toResultParts } from './turns.ts';

/** One turn of the conversation as Gemini writes it. */
export interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: readonly GeminiPart[];
}

/** All system and developer messages, wherever they stand; null when there is none. */
export function toSystemInstruction(messages: readonly ModelMessage[]): object | null {
  const texts = messages.filter(isInstruction).map((message) => wordsOf(message.content));
  const text = texts.filter((piece) => piece !== '').join('\n\n');
  return text === '' ? null : { parts: [{ text }] };
}

function isInstruction(message: ModelMessage): boolean {
  return message.role === 'system' || message.role === 'developer';
}

/**
 * The conversation without its instructions: neighbours of one role in one content, results of functions in a
 * content of their own, a user first and last.
 * @throws GatewayError 400 for a history that is no conversation, or holds what Gemini cannot read
 */
export function toContents({ messages }: ModelRequest, history: ConversationHistory): GeminiContent[] {
  const turns = createTurns();
  for (let at = 0; at < messages.length; at++) {
    const message = messages[at];
    if (message === undefined || isInstruction(message)) continue;
    if (message.role === 'assistant') at = addAssistant(turns, message, messages, at, history);
    else if (message.role === 'user') turns.add('user', toParts(partsIn(message), history.origin));
    // A result here follows no call: this throws.
    else takeResults([], messages, at, history.origin);
  }
  return framed(turns.contents, history);
}

interface Turns {
  readonly contents: readonly GeminiContent[];
  add(role: GeminiContent['role'], parts: readonly GeminiPart[]): void;
  /** Adds a content that stays as it is: Vertex refuses results and text in one content. */
  addSealed(role: GeminiContent['role'], parts: readonly GeminiPart[]): void;
}

function createTurns(): Turns {
  const contents: { role: GeminiContent['role']; parts: GeminiPart[] }[] = [];
  let isSealed = false;
  return {
    contents,
    add(role, parts) {
      const last = contents.at(-1);
      if (parts.length === 0) return;
      if (last?.role === role && !isSealed) for (const part of parts) last.parts.push(part);
      else contents.push({ role, parts: [...parts] });
      isSealed = false;
    },
    addSealed(role, parts) {
      contents.push({ role, parts: [...parts] });
      isSealed = true;
    },
  };
}

/** Adds an assistant message with the results of its calls; answers with the place of the last message used. */
function addAssistant(
  turns: Turns,
  message: AnswerMessage,
  messages: readonly ModelMessage[],
  at: number,
  history: ConversationHistory,
): number {
  const signatures = readSignatures(message, history.signatures);
  const texts = partsIn(message).flatMap((part) => toRunParts(part, history) ?? toParts([part], history.origin));
  const calls = readCalls(message, history);
  turns.add('model', [...signed(texts, signatures.ofText()), ...toCallParts(calls, signatures, history)]);
  if (calls.length === 0) return at;
  const { results, next } = takeResults(calls, messages, at + 1, history.origin);
  const { responses, media } = toResultParts(calls, results, history);
  turns.addSealed('user', responses);
  turns.add('user', media);
  return next - 1;
}

/** The signature of a text stands on its last part. */
function signed(parts: readonly GeminiPart[], signature: string | null): GeminiPart[] {
  const last = parts.at(-1);
  if (last === undefined || signature === null) return [...parts];
  return [...parts.slice(0, -1), { ...last, thoughtSignature: signature }];
}

/** Gemini wants a user first and, from 3.6 on, last: "Requests ending with a model turn are not supported." */
function framed(contents: readonly GeminiContent[], { takesPrefill }: ConversationHistory): GeminiContent[] {
  const isOpened = contents[0]?.role === 'user';
  const isOpenEnded = contents.at(-1)?.role === 'model' && !takesPrefill;
  return [...(isOpened ? [] : [userText(' ')]), ...contents, ...(isOpenEnded ? [userText('Continue.')] : [])];
}

function userText(text: string): GeminiContent {
  return { role: 'user', parts: [{ text }] };
}
