import {
  type AssistantMessage,
  type ChatRequest,
  type Content,
  type ContentPart,
  partsOf,
  type ToolCall,
  type ToolMessage,
  textOf,
} from '../../protocol/chat.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, recordOf } from '../../protocol/json.ts';
import { fitCallId } from '../chat/upstream-history.ts';
import { unusedMessageFields } from '../unused-fields.ts';

/** What differs between servers in how a conversation is said. */
export interface InputForm {
  /** Content parts beside text that the server takes. */
  readonly parts: readonly ('image_url' | 'file')[];
  /** Perplexity takes what a tool gave as plain text only, and knows no custom tools. */
  readonly isPlain: boolean;
  /** Gemini behind Perplexity wants its thought signatures back; to others they are not shown. */
  readonly isSigned: boolean;
}

/** The messages in the language of Responses, and what had no words there. */
export interface Input {
  readonly items: readonly JsonRecord[];
  readonly dropped: readonly string[];
}

/** OpenAI refuses longer ids; those of other providers may be longer. */
const MAX_CALL_ID_CHARS = 64;

/**
 * The messages as input items.
 * @throws GatewayError 400 for content that cannot be said, since without it the answer would miss the point
 */
export function toInput(messages: ChatRequest['messages'], form: InputForm): Input {
  const customCalls = new Set<string>();
  const items = messages.flatMap((message, index) => {
    const at = `messages[${index}].content`;
    if (message.role === 'assistant') return toAssistantItems(message, form, customCalls);
    if (message.role === 'tool') return [toResult(message, form, customCalls, at)];
    return [{ type: 'message', role: message.role, content: toContent(message.content, form, at) }];
  });
  return { items, dropped: unusedMessageFields(messages) };
}

/** What was said goes as plain text: parts would need the ids of a response that this conversation may never have had. */
function toAssistantItems(message: AssistantMessage, form: InputForm, customCalls: Set<string>): JsonRecord[] {
  const content = textOf(message.content) + (message.refusal ?? '');
  const calls = (message.tool_calls ?? []).map((call) => toCall(call, form, customCalls));
  return content === '' ? calls : [{ type: 'message', role: 'assistant', content }, ...calls];
}

function toCall(call: ToolCall, form: InputForm, customCalls: Set<string>): JsonRecord {
  const call_id = toCallId(call.id);
  if (call.custom && form.isPlain) {
    const { name, input } = call.custom;
    return { type: 'function_call', call_id, name, arguments: JSON.stringify({ input }) };
  }
  if (call.custom) {
    customCalls.add(call_id);
    return { type: 'custom_tool_call', call_id, name: call.custom.name, input: call.custom.input };
  }
  const { name, arguments: args } = recordOf(call.function);
  const { thought_signature } = recordOf(recordOf(call['extra_content'])['google']);
  const signature = form.isSigned && thought_signature ? { thought_signature } : {};
  return { type: 'function_call', call_id, name, arguments: args || '{}', ...signature };
}

function toResult(message: ToolMessage, form: InputForm, customCalls: ReadonlySet<string>, at: string): JsonRecord {
  const call_id = toCallId(message.tool_call_id);
  const type = customCalls.has(call_id) ? 'custom_tool_call_output' : 'function_call_output';
  const isText = form.isPlain || partsOf(message.content).every((part) => part.type === 'text');
  return { type, call_id, output: isText ? textOf(message.content) : toContent(message.content, form, at) };
}

function toCallId(id: string): string {
  return fitCallId(id, MAX_CALL_ID_CHARS);
}

function toContent(content: Content | null | undefined, form: InputForm, at: string): unknown {
  if (typeof content === 'string') return content;
  return partsOf(content).map((part, index) => toInputPart(part, form, `${at}[${index}]`));
}

function toInputPart(part: ContentPart, form: InputForm, at: string): JsonRecord {
  // Already in the words of the other language.
  if (part.type.startsWith('input_') && part.type !== 'input_audio') return part;
  if (part.type === 'text') return { type: 'input_text', text: part['text'] };
  if (part.type === 'image_url' && form.parts.includes('image_url')) return toImage(part, form);
  if (part.type === 'file' && form.parts.includes('file')) return toFile(part);
  const known = ['text', ...form.parts].map((type) => `'${type}'`).join(', ');
  const message = `Invalid value for '${at}.type': this model takes no '${part.type}' in this request, only ${known}. Leave it out or use another model.`;
  throw new GatewayError('invalid_value', message, { param: `${at}.type` });
}

function toImage(part: ContentPart, form: InputForm): JsonRecord {
  const { url, detail } = recordOf(part['image_url']);
  return { type: 'input_image', image_url: url, ...(form.isPlain ? {} : { detail: detail ?? 'auto' }) };
}

function toFile(part: ContentPart): JsonRecord {
  const { file_data, file_id, filename } = recordOf(part['file']);
  return {
    type: 'input_file',
    ...(file_data ? { file_data } : {}),
    ...(file_id ? { file_id } : {}),
    ...(filename ? { filename } : {}),
  };
}
