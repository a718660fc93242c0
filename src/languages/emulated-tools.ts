import { stringOf } from '../protocol/json.ts';
import { type CallPart, callsIn, type ModelMessage, partsIn } from '../protocol/model-message.ts';
import type {
  CustomTool,
  FunctionTool,
  ModelRequest,
  ModelTool,
  ModelToolChoice,
  ToolReference,
} from '../protocol/model-request.ts';

/**
 * Custom tools as functions with one text, `input`, for a provider that has functions alone. A chat's stay as they are:
 * its client would not know the calls again, as the face of Responses does.
 */
export function withEmulatedTools(request: ModelRequest): ModelRequest {
  const { tools, toolChoice, messages, origin } = request;
  if (origin.language === 'chat') return request;
  if (!tools.some(isCustom) && !messages.some(hasCustomCalls)) return request;
  return {
    ...request,
    tools: tools.map((tool) => (isCustom(tool) ? toFunction(tool) : tool)),
    toolChoice: toFunctionChoice(toolChoice),
    messages: messages.map((message) => (hasCustomCalls(message) ? withFunctionCalls(message) : message)),
  };
}

function isCustom(tool: ModelTool): tool is CustomTool {
  return tool.type === 'custom';
}

function hasCustomCalls(message: ModelMessage): boolean {
  return message.role === 'assistant' && callsIn(message).some((call) => call.isCustom);
}

const PARAMETERS = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
  additionalProperties: false,
};

function toFunction({ name, description, format }: CustomTool): FunctionTool {
  const grammar = stringOf(format?.['definition']);
  const rule = grammar && `The input must follow this ${stringOf(format?.['syntax']) ?? ''} grammar:\n${grammar}`;
  const told = [description, rule].filter(Boolean).join('\n\n') || null;
  return { type: 'function', name, description: told, parameters: PARAMETERS, strict: null, source: null };
}

function toFunctionChoice(choice: ModelToolChoice | null): ModelToolChoice | null {
  if (choice === null || typeof choice === 'string') return choice;
  if (choice.type !== 'allowed') return toFunctionReference(choice);
  return { ...choice, tools: choice.tools.map(toFunctionReference) };
}

function toFunctionReference(reference: ToolReference): ToolReference {
  return reference.type === 'custom' ? { ...reference, type: 'function' } : reference;
}

function withFunctionCalls(message: ModelMessage): ModelMessage {
  if (message.role !== 'assistant') return message;
  const content = partsIn(message).map((part) => (part.type === 'call' && part.isCustom ? toFunctionCall(part) : part));
  return { ...message, content };
}

function toFunctionCall(call: CallPart): CallPart {
  return { ...call, isCustom: false, arguments: JSON.stringify({ input: call.arguments }) };
}
