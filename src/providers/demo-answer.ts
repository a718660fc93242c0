import {
  type ChatRequest,
  type FunctionDeclaration,
  functionsOf,
  type Message,
  partsOf,
  textOf,
} from '../protocol/chat.ts';
import { isRecord } from '../protocol/json.ts';
import { sampleOf } from './demo-sample.ts';

/** What the demo model says. `text` and `calls` exclude each other. */
export interface DemoAnswer {
  readonly text: string;
  readonly calls: readonly { readonly name: string; readonly arguments: string }[];
}

/** The same request always gets the same answer. */
export function demoAnswer(chat: ChatRequest): DemoAnswer {
  const last = chat.messages.at(-1);
  const question = lastUserText(chat);
  if (last?.role === 'tool') return { text: wrap(chat, `The tool answered: ${textOf(last.content)}`), calls: [] };
  const called = toolFor(chat, question);
  if (called) {
    const args = sampleOf(called.parameters ?? {}, question);
    return { text: '', calls: [{ name: called.name, arguments: JSON.stringify(args) }] };
  }
  return { text: continued(last, wrap(chat, reply(chat, question))), calls: [] };
}

function lastUserText(chat: ChatRequest): string {
  return textOf(chat.messages.findLast((message) => message.role === 'user')?.content);
}

function reply(chat: ChatRequest, question: string): string {
  const said = question === '' ? 'You sent no text.' : `You said: "${question.slice(0, 500)}".`;
  return (
    `${said}${attachments(chat)} I am the demo model inside Sluice: I need no key, I stream word by word ` +
    'and I call tools. Ask for demo:429, demo:cut or demo:stall to watch a provider fail.'
  );
}

function attachments(chat: ChatRequest): string {
  const parts = chat.messages.flatMap((message) => partsOf(message.content)).filter((part) => part.type !== 'text');
  return parts.length === 0 ? '' : ` You attached ${parts.map((part) => part.type).join(', ')}.`;
}

/** Puts the words into the form that `response_format` asks for. */
function wrap(chat: ChatRequest, text: string): string {
  const format = chat.response_format;
  if (format?.type === 'json_object') return JSON.stringify({ answer: text });
  if (format?.type !== 'json_schema') return text;
  return JSON.stringify(sampleOf(format.json_schema.schema ?? {}, lastUserText(chat)));
}

/** An assistant message at the end is the beginning of the answer: only the rest is said. */
function continued(last: Message | undefined, text: string): string {
  const begun = last?.role === 'assistant' ? textOf(last.content).trimEnd() : '';
  return begun !== '' && text.startsWith(begun) ? text.slice(begun.length) : text;
}

/** The tool to call: one that is asked for, else one whose name or description shares a word with the question. */
function toolFor(chat: ChatRequest, question: string): FunctionDeclaration | null {
  const tools = functionsOf(chat);
  const choice = chat.tool_choice;
  if (choice === 'none' || tools.length === 0) return null;
  if (isRecord(choice) && isRecord(choice['function'])) {
    const { name } = choice['function'];
    return tools.find((tool) => tool.name === name) ?? null;
  }
  const fitting = tools.find((tool) => sharesWord(tool, question));
  return fitting ?? (choice === 'required' ? (tools[0] ?? null) : null);
}

function sharesWord(tool: FunctionDeclaration, question: string): boolean {
  const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z]{4,}/g) ?? [];
  const asked = new Set(wordsOf(question));
  return wordsOf(`${tool.name.replaceAll('_', ' ')} ${tool.description ?? ''}`).some((word) => asked.has(word));
}
