import { chatAnswer, chatChunk, chatUsage, DONE, geminiAnswer, toEvent } from '../../lab/wire-answers.ts';
import { TOOL } from './text.ts';

/** One wire language: how what is said looks in it. Events carry their frame. */
export interface Voice {
  piece(text: string): string;
  /** The tool call, as one or several events. */
  tool(): string;
  end(finish: 'stop' | 'tool'): string;
  /** An answer that is not streamed; `tool` calls the tool instead of speaking. */
  whole(text: string, finish: 'stop' | 'tool'): object;
}

const TOKENS = 60;
const ARGUMENTS = JSON.stringify(TOOL.args);
const CALL = { id: 'call_soak', type: 'function' };
const finishOf = (finish: 'stop' | 'tool'): string => (finish === 'tool' ? 'tool_calls' : 'stop');
const toolDelta = (call: object): string => chatChunk({ tool_calls: [{ index: 0, ...call }] });

/** OpenAI's chat completions. */
export const CHAT: Voice = {
  piece: (content) => chatChunk({ role: 'assistant', content }),
  tool: () =>
    toolDelta({ ...CALL, function: { name: TOOL.name, arguments: '' } }) +
    toolDelta({ function: { arguments: ARGUMENTS.slice(0, 9) } }) +
    toolDelta({ function: { arguments: ARGUMENTS.slice(9) } }),
  end: (finish) => chatChunk({}, finishOf(finish)) + chatUsage(TOKENS) + DONE,
  whole(content, finish) {
    const call = { ...CALL, function: { name: TOOL.name, arguments: ARGUMENTS } };
    const said = finish === 'tool' ? { content: null, tool_calls: [call] } : { content };
    return chatAnswer(said, TOKENS, finishOf(finish));
  },
};

const functionCall = { functionCall: { name: TOOL.name, args: TOOL.args } };

/** Gemini's generateContent. */
export const GEMINI: Voice = {
  piece: (text) => toEvent(geminiAnswer([{ text }], TOKENS)),
  tool: () => toEvent(geminiAnswer([functionCall], TOKENS)),
  end: () => toEvent(geminiAnswer([{ text: '' }], TOKENS, 'STOP')),
  whole: (text, finish) => geminiAnswer([finish === 'tool' ? functionCall : { text }], TOKENS, 'STOP'),
};
