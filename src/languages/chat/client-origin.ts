import { type JsonRecord, recordsOf } from '../../protocol/json.ts';
import type { ModelMessage, ModelPart } from '../../protocol/model-message.ts';
import type { AskedParameter, ModelParameter, PartType, RequestOrigin } from '../../protocol/model-request.ts';
import { asksForNothing } from '../asked-parameters.ts';
import { CHAT_PARAMETERS } from './words.ts';

/** A chat as its client wrote it. A class: one is made for every call, and mostly nothing is asked of it. */
export class ChatOrigin implements RequestOrigin {
  readonly language = 'chat';
  readonly body: JsonRecord;

  constructor(body: JsonRecord) {
    this.body = body;
  }

  itemsOf(): null {
    return null;
  }

  refuseUnknown(): void {}

  asked(): readonly AskedParameter[] {
    const parameters: AskedParameter[] = [];
    for (const name of Object.keys(this.body)) {
      const value = this.body[name];
      if (DEFAULTS.get(name) === value || asksForNothing(value)) continue;
      parameters.push({ name, parameter: CHAT_PARAMETERS.get(name) ?? null });
    }
    return parameters;
  }

  askedInMessages(): readonly string[] {
    // The name of an old function is said with its call.
    const messages = recordsOf(this.body['messages']).filter(({ role }) => role !== 'function');
    const lost = MESSAGE_FIELDS.filter((field) => messages.some((message) => !asksForNothing(message[field])));
    return lost.map((field) => `messages[].${field}`);
  }

  paramOf(parameter: ModelParameter): string {
    if (parameter === 'maxOutputTokens' && this.body['max_completion_tokens'] != null) return 'max_completion_tokens';
    return NAMES.get(parameter) ?? parameter;
  }

  toolParamOf(): string {
    return this.paramOf('tools');
  }

  pathOf(what: ModelMessage | ModelPart): string {
    const message = `messages[${what.at}]`;
    if ('role' in what) return message;
    return `${message}.${what.type === 'call' ? 'tool_calls' : 'content'}[${what.entry}]`;
  }

  typeOf({ type, kind = type }: PartType): string {
    return type === 'other' ? kind : (PART_TYPES.get(type) ?? type);
  }
}

/** Values that ask for nothing beside the empty ones: leaving them out loses nothing. */
const DEFAULTS: ReadonlyMap<string, unknown> = new Map(
  Object.entries({ frequency_penalty: 0, n: 1, presence_penalty: 0, search_mode: 'web', top_logprobs: 0 }),
);

/** Fields of messages that only OpenAI's chat has words for. */
const MESSAGE_FIELDS = ['name', 'audio'];

/** The first name of each parameter is the one that errors use. */
const NAMES: ReadonlyMap<ModelParameter, string> = new Map([
  ...[...CHAT_PARAMETERS].map(([name, parameter]) => [parameter, name] as const).reverse(),
  ['reasoningEffort', 'reasoning_effort'],
  ['reasoningBudget', 'reasoning.max_tokens'],
]);

const PART_TYPES: ReadonlyMap<ModelPart['type'], string> = new Map([
  ['image', 'image_url'],
  ['audio', 'input_audio'],
  ['video', 'video_url'],
]);
