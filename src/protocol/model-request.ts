import type { JsonRecord } from './json.ts';
import type { ModelMessage, ModelPart } from './model-message.ts';

/**
 * What a model is asked, in the house's own words: clients' languages are read into it, dialects say it in those of the
 * providers. Never mutated: every attempt translates it afresh. Null is what the client does not say.
 */
export interface ModelRequest {
  /** The name that the client asks for. */
  readonly model: string;
  /** Further names, in the client's order. */
  readonly fallbacks: readonly string[] | null;
  readonly messages: readonly ModelMessage[];
  readonly isStream: boolean;
  /** As OpenAI has them: `include_usage`, `include_obfuscation`. */
  readonly streamOptions: JsonRecord | null;

  readonly tools: readonly ModelTool[];
  readonly toolChoice: ModelToolChoice | null;
  readonly parallelToolCalls: boolean | null;
  readonly search: SearchWish;

  readonly outputFormat: OutputFormat | null;
  readonly verbosity: string | null;
  readonly reasoning: ReasoningWish;
  readonly maxOutputTokens: number | null;
  readonly stop: string | readonly string[] | null;
  readonly choiceCount: number;
  /** Where it is too long for a model, that is asked without its oldest turns. */
  readonly forgetsOldest: boolean;
  readonly logprobs: boolean;
  readonly topLogprobs: number | null;
  /** Kinds of answer beside text: `audio`, `image`. */
  readonly modalities: readonly unknown[] | null;
  /** How the answer shall sound, in OpenAI's words: `voice`, `format`. */
  readonly audio: JsonRecord | null;

  readonly sampling: Sampling;
  /** As it came, unchecked. */
  readonly serviceTier: unknown;
  /** Whether the provider shall keep the answer. */
  readonly store: boolean | null;
  readonly user: string | null;
  readonly metadata: JsonRecord | null;
  /** Fields that the house has no word for, by the client's own names. */
  readonly extras: JsonRecord;
  readonly origin: RequestOrigin;
}

/** How the next token is drawn. */
export interface Sampling {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly topK: number | null;
  readonly presencePenalty: number | null;
  readonly frequencyPenalty: number | null;
  readonly seed: number | null;
  readonly logitBias: JsonRecord | null;
}

/** A parameter by the house's name; `reasoningText` is the wish to read the thoughts. */
export type ModelParameter =
  | Exclude<keyof ModelRequest, 'sampling' | 'extras' | 'origin' | 'isStream' | 'streamOptions' | 'forgetsOldest'>
  | keyof Sampling
  | 'stream'
  | 'reasoningText'
  | 'reasoningEffort'
  | 'reasoningBudget';

/** Languages that clients speak. */
export type ClientLanguage = 'chat' | 'responses';

/**
 * The request in the client's own words: what errors and dropped parameters are told in, and the lossless lane of a
 * dialect that speaks the language of the client.
 */
export interface RequestOrigin {
  readonly language: ClientLanguage;
  /** The body as it came; what may be changed of a request ({@link changed}) is read from the request. Never mutated. */
  readonly body: JsonRecord;
  /** Set where what the answer stands on, and what becomes of it, is kept by the provider that is asked. */
  readonly remote?: RemoteState;
  /**
   * The conversation in the client's own words, earlier turns as well, where these are the messages that were read from it:
   * a message is too little to tell an item by, and a rescue asks for others. Null for a language whose words are messages.
   */
  itemsOf(messages: readonly ModelMessage[]): readonly JsonRecord[] | null;
  /**
   * For a dialect of another language than the client's.
   * @throws GatewayError 400 for what only a provider of the client's language may know
   */
  refuseUnknown(): void;
  /** The parameters that ask for something, in the client's order. */
  asked(): readonly AskedParameter[];
  /** Fields of messages that ask for something and have no word but the client's: `messages[].name`. */
  askedInMessages(): readonly string[];
  /** What the client calls a parameter, or would call it. */
  paramOf(parameter: ModelParameter): string;
  /** What the client calls a tool that no function stands for. @param kind its type */
  toolParamOf(kind: string): string;
  /** Where a message or a part stands: `messages[3]`, `messages[3].content[0]`; `input[5]`. */
  pathOf(what: ModelMessage | ModelPart): string;
  /** The client's word for a type of parts: `image_url`, `input_image`. */
  typeOf(part: PartType): string;
}

/** What a provider keeps of a conversation, as far as a request refers to it. */
export interface RemoteState {
  readonly parent: RemoteName | null;
}

/** A response under both its ids: the gateway's, which clients know, and that of the provider that keeps it. */
export interface RemoteName {
  readonly ours: string;
  readonly theirs: string;
}

/** What tells the type of a part: the part itself, or its type alone. */
export interface PartType {
  readonly type: ModelPart['type'];
  readonly kind?: string;
}

/** One parameter of the client. */
export interface AskedParameter {
  /** In the client's words. */
  readonly name: string;
  /** Null for one of the `extras`. */
  readonly parameter: ModelParameter | null;
}

/** A function that the client declares. */
export interface FunctionTool {
  readonly type: 'function';
  readonly name: string;
  readonly description: string | null;
  readonly parameters: JsonRecord | null;
  readonly strict: boolean | null;
  /** As the client wrote it, in the words of the origin. */
  readonly source: JsonRecord | null;
}

/** A tool that takes plain text, held to a grammar or not. */
export interface CustomTool {
  readonly type: 'custom';
  readonly name: string;
  readonly description: string | null;
  /** `{type: 'text'}`, or `{type: 'grammar', syntax, definition}`. */
  readonly format: JsonRecord | null;
  readonly source: JsonRecord | null;
}

/** A tool that the provider runs, or that the house does not know: as it came. */
export interface OtherTool {
  readonly type: 'other';
  /** The client's word for it. */
  readonly kind: string;
  readonly source: JsonRecord;
}

export type ModelTool = FunctionTool | CustomTool | OtherTool;

/** Names one tool. */
export interface ToolReference {
  readonly type: 'function' | 'custom' | 'other';
  /** Null where only the source tells. */
  readonly name: string | null;
  readonly source: JsonRecord;
}

/** Which of the tools may be called. */
export interface AllowedTools {
  readonly type: 'allowed';
  /** `auto` or `required`, as the client wrote it. */
  readonly mode: unknown;
  readonly tools: readonly ToolReference[];
  readonly source: JsonRecord;
}

export type ModelToolChoice = 'none' | 'auto' | 'required' | ToolReference | AllowedTools;

/** The form of the answer. */
export type OutputFormat =
  | { readonly type: 'text' | 'json_object'; readonly source: JsonRecord | null }
  | JsonSchemaFormat
  | { readonly type: 'other'; readonly kind: string; readonly source: JsonRecord };

/** An answer that is held to a JSON schema. */
export interface JsonSchemaFormat {
  readonly type: 'json_schema';
  readonly name: string;
  readonly schema: JsonRecord | null;
  readonly strict: boolean | null;
  readonly description: string | null;
  readonly source: JsonRecord | null;
}

/** What a client wishes of the model's thinking. */
export interface ReasoningWish {
  /** OpenAI's words: `none`, `minimal`, `low` … */
  readonly effort: string | null;
  /** Tokens to think with. */
  readonly budget: number | null;
  /** Whether the client wants to read the thoughts. */
  readonly wantsText: boolean | null;
  /** How they are told: `auto`, `concise`, `detailed`. */
  readonly summary: string | null;
  /** The parameters that ask for something, in the client's words. */
  readonly names: readonly string[];
}

/** Whether the model shall search the web. */
export interface SearchWish {
  /** As OpenAI has them: `search_context_size`, `user_location`, `filters`; null where no search is asked for. */
  readonly options: JsonRecord | null;
  readonly isForbidden: boolean;
}

/** The functions among the tools. */
export function functionsIn({ tools }: ModelRequest): readonly FunctionTool[] {
  return tools.filter((tool) => tool.type === 'function');
}

/** A request that goes on where an answer broke off, or behind an earlier conversation. */
export function changed(
  request: ModelRequest,
  changes: Partial<Pick<ModelRequest, 'messages' | 'maxOutputTokens'>>,
): ModelRequest {
  return { ...request, ...changes };
}
