import { isRecord, type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import type { ModelMessage, ModelPart } from '../../protocol/model-message.ts';
import type {
  AskedParameter,
  ModelParameter,
  PartType,
  RemoteState,
  RequestOrigin,
} from '../../protocol/model-request.ts';
import { asksForNothing } from '../asked-parameters.ts';
import { refuseUnknownItem } from './client-check.ts';
import { CONTEXT } from './client-history.ts';
import { OWN_PARAMETERS, PARAMETER_GROUPS, RESPONSES_PARAMETERS, wantsLogprobs } from './client-parameters.ts';

/** What of a request its body does not tell by itself. */
export interface OriginFacts {
  /** What of the items only their maker could be told: `input.reasoning`. */
  readonly lost: readonly string[];
  /** The type under which the client asks for a search; null where it does not. */
  readonly searchType: string | null;
  /** What a model sees of the conversation. */
  readonly items: readonly JsonRecord[];
  /** What was read from the items. */
  readonly messages: readonly ModelMessage[];
  readonly remote: RemoteState | null;
}

/** The place of `instructions` among the messages. */
export const INSTRUCTIONS = -2;

/** A response as its client asked for it. */
export class ResponsesOrigin implements RequestOrigin {
  readonly language = 'responses';
  readonly body: JsonRecord;
  readonly remote?: RemoteState;
  readonly #facts: OriginFacts;

  constructor(body: JsonRecord, facts: OriginFacts) {
    this.body = body;
    this.#facts = facts;
    if (facts.remote !== null) this.remote = facts.remote;
  }

  itemsOf(messages: readonly ModelMessage[]): readonly JsonRecord[] | null {
    return messages === this.#facts.messages ? this.#facts.items : null;
  }

  refuseUnknown(): void {
    refuseUnknownItem(this.body);
  }

  asked(): readonly AskedParameter[] {
    const asked = Object.entries(this.body).flatMap(([name, value]) =>
      PARAMETER_GROUPS.has(name) && isRecord(value) ? askedInGroup(name, value) : askedAs(name, value),
    );
    const { searchType } = this.#facts;
    return searchType === null ? asked : [...asked, { name: this.paramOf('search'), parameter: 'search' }];
  }

  askedInMessages(): readonly string[] {
    return this.#facts.lost;
  }

  paramOf(parameter: ModelParameter): string {
    if (parameter === 'search') return this.toolParamOf(this.#facts.searchType ?? 'web_search');
    if (parameter === 'logprobs' && !this.body['top_logprobs']) return 'include';
    return NAMES.get(parameter) ?? parameter;
  }

  toolParamOf(kind: string): string {
    return `tools.${kind}`;
  }

  pathOf(what: ModelMessage | ModelPart): string {
    if (what.at === CONTEXT) return 'context';
    if (what.at === INSTRUCTIONS) return 'instructions';
    const { input } = this.body;
    if (!Array.isArray(input)) return 'input';
    const item = `input[${what.at}]`;
    // Calls and thoughts are items of their own.
    if ('role' in what || what.type === 'call' || what.type === 'reasoning' || what.type === 'carried') return item;
    const list = ['content', 'output'].find((name) => Array.isArray(recordsOf(input)[what.at]?.[name]));
    return list === undefined ? item : `${item}.${list}[${what.entry}]`;
  }

  typeOf({ type, kind = type }: PartType): string {
    return type === 'other' ? kind : (PART_TYPES.get(type) ?? type);
  }
}

function askedInGroup(group: string, fields: JsonRecord): AskedParameter[] {
  return Object.entries(fields).flatMap(([name, value]) => askedAs(`${group}.${name}`, value));
}

function askedAs(name: string, value: unknown): AskedParameter[] {
  if (name === 'include') return wantsLogprobs(value) ? [{ name, parameter: 'logprobs' }] : [];
  if (OWN_PARAMETERS.has(name) || asksForNothing(value) || isDefault(name, value)) return [];
  return [{ name, parameter: RESPONSES_PARAMETERS.get(name) ?? null }];
}

/** Values that ask for what happens anyway: leaving them out loses nothing. */
const DEFAULTS: ReadonlyMap<string, readonly unknown[]> = new Map(
  Object.entries({
    frequency_penalty: [0],
    parallel_tool_calls: [true],
    presence_penalty: [0],
    'reasoning.mode': ['standard'],
    service_tier: ['auto', 'default'],
    tool_choice: ['auto'],
    top_logprobs: [0],
  }),
);

function isDefault(name: string, value: unknown): boolean {
  if (name === 'text.format' && isRecord(value)) return stringOf(value['type']) === 'text';
  return DEFAULTS.get(name)?.includes(value) ?? false;
}

/** The first name of each parameter is the one that errors use. */
const NAMES: ReadonlyMap<ModelParameter, string> = new Map([
  ...[...RESPONSES_PARAMETERS].map(([name, parameter]) => [parameter, name] as const).reverse(),
  ['logprobs', 'top_logprobs'],
  ['reasoningEffort', 'reasoning.effort'],
  ['reasoningBudget', 'reasoning.max_tokens'],
]);

const PART_TYPES: ReadonlyMap<ModelPart['type'], string> = new Map([
  ['text', 'input_text'],
  ['image', 'input_image'],
  ['audio', 'input_audio'],
  ['file', 'input_file'],
]);
