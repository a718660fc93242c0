import { type ChatRequest, functionsOf } from '../../languages/chat/schema.ts';
import { toolChoiceOf } from './calls.ts';

/** In tokens; a longer conversation is refused. */
export const DEMO_CONTEXT_WINDOW = 32_768;

/** Why the demo model does not take a request that is well-formed, with OpenAI's parameter and code. */
export interface DemoRefusal {
  readonly message: string;
  readonly param: string;
  readonly code: string | null;
}

/** Null when the request can be answered. @param promptTokens how long the conversation is */
export function demoRefusal(chat: ChatRequest, promptTokens: number): DemoRefusal | null {
  if (promptTokens > DEMO_CONTEXT_WINDOW) return tooLong(promptTokens);
  if (chat.top_logprobs && !chat.logprobs) {
    return { message: "'top_logprobs' is only allowed when 'logprobs' is true.", param: 'top_logprobs', code: null };
  }
  return toolChoiceRefusal(chat);
}

/** The refusal of a conversation that does not fit into the window. */
export function tooLong(promptTokens: number): DemoRefusal {
  const message = `This model's maximum context length is ${DEMO_CONTEXT_WINDOW} tokens. However, your messages resulted in ${promptTokens} tokens.`;
  return { message, param: 'messages', code: 'context_length_exceeded' };
}

function toolChoiceRefusal(chat: ChatRequest): DemoRefusal | null {
  const declared = functionsOf(chat).map(({ name }) => name);
  const { mode, names } = toolChoiceOf(chat);
  const param = 'tool_choice';
  if (mode === 'required' && declared.length === 0) {
    return { message: "'tool_choice' is only allowed when 'tools' are specified.", param, code: null };
  }
  const missing = names?.find((name) => !declared.includes(String(name)));
  if (missing === undefined) return null;
  return { message: `Tool choice '${missing}' not found in 'tools' parameter.`, param, code: null };
}
