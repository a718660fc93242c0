import { GatewayError } from '../../protocol/errors.ts';
import type { JsonRecord } from '../../protocol/json.ts';
import {
  type AnswerMessage,
  type AnswerPart,
  type CallPart,
  type FilePart,
  type ImagePart,
  type InputPart,
  partsIn,
  type ResultMessage,
  wordsOf,
} from '../../protocol/model-message.ts';
import type { ModelRequest, RequestOrigin } from '../../protocol/model-request.ts';
import { fitCallId } from '../chat/upstream-history.ts';

/** What differs between servers in how a conversation is said. */
export interface InputForm {
  /** Content parts beside text that the server takes. */
  readonly parts: readonly ('image' | 'file')[];
  /** Perplexity takes what a tool gave as plain text only, and knows no custom tools. */
  readonly isPlain: boolean;
  /** Gemini behind Perplexity wants its thought signatures back; to others they are not shown. */
  readonly isSigned: boolean;
}

/** OpenAI refuses longer ids; those of other providers may be longer. */
const MAX_CALL_ID_CHARS = 64;

/**
 * The messages as input items.
 * @throws GatewayError 400 for content that cannot be said, since without it the answer would miss the point
 */
export function toInput({ messages, origin }: ModelRequest, form: InputForm): readonly JsonRecord[] {
  const customCalls = new Set<string>();
  return messages.flatMap((message) => {
    if (message.role === 'assistant') return toAnswerItems(message, form, customCalls);
    if (message.role === 'tool') return [toResult(message, form, customCalls, origin)];
    return [{ type: 'message', role: message.role, content: toContent(message.content, form, origin) }];
  });
}

/** What was said goes as plain text: parts would need the ids of a response that this conversation may never have had. */
function toAnswerItems(message: AnswerMessage, form: InputForm, customCalls: Set<string>): JsonRecord[] {
  const items: JsonRecord[] = [];
  let unsaid: AnswerPart[] = [];
  const say = (): void => {
    const content = wordsOf(unsaid);
    if (content !== '') items.push({ type: 'message', role: 'assistant', content });
    unsaid = [];
  };
  for (const part of partsIn<AnswerPart>(message)) {
    if (part.type !== 'call') unsaid.push(part);
    else {
      say();
      items.push(toCall(part, form, customCalls));
    }
  }
  say();
  return items;
}

function toCall(call: CallPart, form: InputForm, customCalls: Set<string>): JsonRecord {
  const { name, arguments: args, carried } = call;
  const call_id = toCallId(call.id);
  if (call.isCustom && form.isPlain) {
    return { type: 'function_call', call_id, name, arguments: JSON.stringify({ input: args }) };
  }
  if (call.isCustom) {
    customCalls.add(call_id);
    return { type: 'custom_tool_call', call_id, name, input: args };
  }
  const isSigned = form.isSigned && carried?.kind === 'thought-signature';
  const signature = isSigned ? { thought_signature: carried.data } : {};
  return { type: 'function_call', call_id, name, arguments: args || '{}', ...signature };
}

function toResult(
  { callId, content }: ResultMessage,
  form: InputForm,
  customCalls: ReadonlySet<string>,
  origin: RequestOrigin,
): JsonRecord {
  const call_id = toCallId(callId);
  const type = customCalls.has(call_id) ? 'custom_tool_call_output' : 'function_call_output';
  const isText = form.isPlain || typeof content === 'string' || content.every((part) => part.type === 'text');
  return { type, call_id, output: isText ? wordsOf(content) : toContent(content, form, origin) };
}

function toCallId(id: string): string {
  return fitCallId(id, MAX_CALL_ID_CHARS);
}

function toContent(content: string | readonly InputPart[], form: InputForm, origin: RequestOrigin): unknown {
  return typeof content === 'string' ? content : content.map((part) => toInputPart(part, form, origin));
}

function toInputPart(part: InputPart, form: InputForm, origin: RequestOrigin): JsonRecord {
  // Already in the words of the other language.
  if (part.type === 'other' && part.kind.startsWith('input_')) return part.source;
  if (part.type === 'text') return { type: 'input_text', text: part.text };
  if (part.type === 'image' && form.parts.includes('image')) return toImage(part, form);
  if (part.type === 'file' && form.parts.includes('file')) return toFile(part);
  const param = `${origin.pathOf(part)}.type`;
  const known = (['text', ...form.parts] as const).map((type) => `'${origin.typeOf({ type })}'`).join(', ');
  const message = `Invalid value for '${param}': this model takes no '${origin.typeOf(part)}' in this request, only ${known}. Leave it out or use another model.`;
  throw new GatewayError('invalid_value', message, { param });
}

function toImage({ url, fileId, detail }: ImagePart, form: InputForm): JsonRecord {
  return {
    type: 'input_image',
    ...(url === null ? { file_id: fileId } : { image_url: url }),
    ...(form.isPlain ? {} : { detail: detail ?? 'auto' }),
  };
}

function toFile({ data, url, fileId, name }: FilePart): JsonRecord {
  return {
    type: 'input_file',
    ...(data ? { file_data: data } : {}),
    ...(url ? { file_url: url } : {}),
    ...(fileId ? { file_id: fileId } : {}),
    ...(name ? { filename: name } : {}),
  };
}
