import { type ChatRequest, type FunctionDeclaration, functionsOf } from '../../languages/chat/schema.ts';
import { recordOf, recordsOf } from '../../protocol/json.ts';
import { sampleOf } from './sample.ts';

/** A call of one of the client's functions; `arguments` is JSON. */
export interface DemoCall {
  readonly name: string;
  readonly arguments: string;
}

/** The calls that the demo model makes: those that are demanded, else of functions that the question is about. */
export function demoCalls(chat: ChatRequest, question: string): DemoCall[] {
  const { mode, names } = toolChoiceOf(chat);
  const allowed = functionsOf(chat).filter(({ name }) => names === null || names.includes(name));
  const isAnswered = chat.messages.at(-1)?.role === 'tool';
  if (mode === 'none' || (mode === 'auto' && isAnswered)) return [];
  const fitting = fittingFunctions(allowed, question);
  const chosen = fitting.length === 0 && mode === 'required' ? allowed.slice(0, 1) : fitting;
  return chosen.slice(0, chat.parallel_tool_calls === false ? 1 : chosen.length).map(({ name, parameters }) => ({
    name,
    arguments: JSON.stringify(sampleOf(parameters ?? { type: 'object' }, question)),
  }));
}

/** `tool_choice` in one form. `names` are the functions that may be called; null means every one. */
export function toolChoiceOf({ tool_choice: choice }: ChatRequest): {
  readonly mode: 'none' | 'auto' | 'required';
  readonly names: readonly unknown[] | null;
} {
  if (choice === null || choice === undefined) return { mode: 'auto', names: null };
  if (choice === 'none' || choice === 'auto' || choice === 'required') return { mode: choice, names: null };
  if (choice['type'] !== 'allowed_tools') return { mode: 'required', names: [recordOf(choice['function'])['name']] };
  const { mode, tools } = recordOf(choice['allowed_tools']);
  const names = recordsOf(tools).map((tool) => recordOf(tool['function'])['name']);
  return { mode: mode === 'required' ? 'required' : 'auto', names };
}

/** All functions whose name shares a word with the question; where there is none, the first whose description does. */
function fittingFunctions(functions: readonly FunctionDeclaration[], question: string): FunctionDeclaration[] {
  const asked = new Set(wordsOf(question));
  const sharesWord = (text: string): boolean => wordsOf(text).some((word) => asked.has(word));
  const named = functions.filter(({ name }) => sharesWord(name));
  if (named.length > 0) return named;
  return functions.filter(({ description }) => sharesWord(description ?? '')).slice(0, 1);
}

/** The words of at least four letters: `get_weather` has one. */
function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[a-z]{4,}/g) ?? [];
}
