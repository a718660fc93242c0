import { type ChatRequest, partsOf, textOf } from '../../languages/chat/schema.ts';
import { type DemoCall, demoCalls } from './calls.ts';
import { recalled, summedUp } from './memory.ts';
import { sampleOf } from './sample.ts';

/** What the demo model thinks and says. `text` and `calls` exclude each other; `thought` is empty unless asked for. */
export interface DemoAnswer {
  readonly thought: string;
  readonly text: string;
  readonly calls: readonly DemoCall[];
}

/** As far as words of a question are looked for. */
const MAX_QUESTION_CHARS = 4000;

const SELF =
  'I am the demo model inside Sluice: I need no key, I stream word by word and I call tools. ' +
  'Ask for demo:429, demo:cut or demo:stall to watch a provider fail.';

/** The demo's answer: one request always gets one answer. */
export function demoAnswer(chat: ChatRequest): DemoAnswer {
  const asked = textOf(chat.messages.findLast((message) => message.role === 'user')?.content);
  const question = asked.slice(0, MAX_QUESTION_CHARS);
  const thought = thinks(chat) ? 'The user wrote to me. I repeat what was said and tell who I am.' : '';
  const calls = demoCalls(chat, question);
  return { thought, calls, text: calls.length > 0 ? '' : continued(chat, inFormat(chat, question)) };
}

function thinks({ reasoning_effort: effort }: ChatRequest): boolean {
  return typeof effort === 'string' && effort !== 'none' && effort !== 'minimal';
}

/** Puts the words into the form that `response_format` asks for. */
function inFormat(chat: ChatRequest, question: string): string {
  const format = chat.response_format;
  if (format?.type === 'json_schema') return JSON.stringify(sampleOf(format.json_schema.schema ?? {}, question));
  const words = toolResults(chat) ?? recalled(chat, question) ?? summedUp(chat, question) ?? reply(chat, question);
  return format?.type === 'json_object' ? JSON.stringify({ answer: words }) : words;
}

/** What the tools answered, when the conversation ends with their results. */
function toolResults({ messages }: ChatRequest): string | null {
  const results = messages.slice(messages.findLastIndex(({ role }) => role !== 'tool') + 1);
  return results.length === 0 ? null : `The tool answered: ${results.map(({ content }) => textOf(content)).join('; ')}`;
}

function reply(chat: ChatRequest, question: string): string {
  const said = question === '' ? 'You sent no text.' : `You said: "${question.slice(0, 500)}".`;
  const parts = chat.messages.flatMap((message) => partsOf(message.content)).filter((part) => part.type !== 'text');
  const attached = parts.length === 0 ? '' : ` You attached ${parts.map((part) => part.type).join(', ')}.`;
  return `${said}${attached} ${SELF}`;
}

/** An assistant message at the end is the beginning of the answer: only what comes after it is said. */
function continued({ messages }: ChatRequest, text: string): string {
  const last = messages.at(-1);
  const begun = last?.role === 'assistant' ? textOf(last.content) : '';
  if (begun === '') return text;
  if (text.startsWith(begun)) return text.slice(begun.length);
  return ` is where you began, and I go on from there. ${SELF}`;
}
