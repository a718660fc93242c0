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

const IDENTITY = { id: 'chatcmpl-soak', created: 1_790_000_000, model: 'soak' };
const USAGE = { prompt_tokens: 20, completion_tokens: 60, total_tokens: 80 };
const ARGUMENTS = JSON.stringify(TOOL.args);
const toEvent = (value: object): string => `data: ${JSON.stringify(value)}\n\n`;

const chunk = (delta: object, finish: string | null = null): string =>
  toEvent({
    ...IDENTITY,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
  });
const toolDelta = (name: string | null, args: string): string => {
  const head = name === null ? {} : { id: 'call_soak', type: 'function' };
  return chunk({ tool_calls: [{ index: 0, ...head, function: { ...(name && { name }), arguments: args } }] });
};

/** OpenAI's chat completions. */
export const CHAT: Voice = {
  piece: (content) => chunk({ role: 'assistant', content }),
  tool: () => toolDelta(TOOL.name, '') + toolDelta(null, ARGUMENTS.slice(0, 9)) + toolDelta(null, ARGUMENTS.slice(9)),
  end: (finish) => {
    const usage = toEvent({ ...IDENTITY, object: 'chat.completion.chunk', choices: [], usage: USAGE });
    return `${chunk({}, finish === 'tool' ? 'tool_calls' : 'stop')}${usage}data: [DONE]\n\n`;
  },
  whole(content, finish) {
    const call = { id: 'call_soak', type: 'function', function: { name: TOOL.name, arguments: ARGUMENTS } };
    const said = finish === 'tool' ? { content: null, tool_calls: [call] } : { content };
    const message = { role: 'assistant', refusal: null, ...said };
    const finishReason = finish === 'tool' ? 'tool_calls' : 'stop';
    const choices = [{ index: 0, message, logprobs: null, finish_reason: finishReason }];
    return { ...IDENTITY, object: 'chat.completion', choices, usage: USAGE };
  },
};

const candidate = (parts: readonly object[], finishReason?: string): object => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...(finishReason && { finishReason }) }],
  usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 60, totalTokenCount: 80 },
  modelVersion: 'soak',
  responseId: 'soak',
});
const functionCall = { functionCall: { name: TOOL.name, args: TOOL.args } };

/** Gemini's generateContent. */
export const GEMINI: Voice = {
  piece: (text) => toEvent(candidate([{ text }])),
  tool: () => toEvent(candidate([functionCall])),
  end: () => toEvent(candidate([{ text: '' }], 'STOP')),
  whole: (text, finish) => candidate([finish === 'tool' ? functionCall : { text }], 'STOP'),
};
