import { type JsonRecord, stringOf } from './json.ts';

/** Where something stands in what the client wrote, and how it was written. */
interface Written {
  /** The place of its message or item in the client's list: what `RequestOrigin.pathOf` begins with. */
  readonly at: number;
  /** As the client wrote it, in the words of `RequestOrigin.language`; null where a plain text or the gateway stands for it. */
  readonly source: JsonRecord | null;
}

/** What parts have in common. */
interface WrittenPart extends Written {
  /** The place inside the message, among the parts or among the calls; 0 where the message is one part. */
  readonly entry: number;
}

/** Words of the message's author. */
export interface TextPart extends WrittenPart {
  readonly type: 'text';
  readonly text: string;
  /** What the words stand for, where a provider may be told it as such. */
  readonly run?: PastRun;
}

/** Code of an earlier answer that its provider ran. */
export interface PastRun {
  /** Of the item that told it. */
  readonly id: string;
  readonly code: string;
  readonly output: string;
  /** False where it was not run to its end. */
  readonly isWhole: boolean;
  /** What the provider that ran it wants back with it. */
  readonly carried: Carried | null;
}

/** Words with which a model refused. */
export interface RefusalPart extends WrittenPart {
  readonly type: 'refusal';
  readonly text: string;
}

/** A picture: an address (`data:` as well), or a file of the provider's account. */
export interface ImagePart extends WrittenPart {
  readonly type: 'image';
  readonly url: string | null;
  readonly fileId: string | null;
  /** How closely to look: `low`, `high`, `auto`. */
  readonly detail: string | null;
}

/** Sound in base64; `format` is its ending: `wav`, `mp3`. */
export interface AudioPart extends WrittenPart {
  readonly type: 'audio';
  readonly data: string;
  readonly format: string;
}

/** A film by its address: an extension that OpenRouter has, too. */
export interface VideoPart extends WrittenPart {
  readonly type: 'video';
  readonly url: string;
}

/** A file by its bytes (a `data:` address or base64), its address, or its id in the provider's account. */
export interface FilePart extends WrittenPart {
  readonly type: 'file';
  readonly data: string | null;
  readonly url: string | null;
  readonly fileId: string | null;
  readonly name: string | null;
}

/** A part that the house has no word for; all of it is in `source`. */
export interface OtherPart extends WrittenPart {
  readonly type: 'other';
  /** The client's word for it. */
  readonly kind: string;
  readonly source: JsonRecord;
}

/** Thoughts of an earlier answer that can be read. */
export interface ReasoningPart extends WrittenPart {
  readonly type: 'reasoning';
  readonly text: string;
  /** True for a summary: hosts that want a raw chain of thoughts back do not get it. */
  readonly isSummary: boolean;
  /** The provider of these thoughts, by its name in the configuration: others are not told them. Null where the client brings them itself. */
  readonly maker: string | null;
}

/** A call of an earlier answer. */
export interface CallPart extends WrittenPart {
  readonly type: 'call';
  /** Refers to its result; without what some clients hide behind it. */
  readonly id: string;
  readonly name: string;
  /** JSON of a function, plain text of a custom tool; as the model wrote it. */
  readonly arguments: string;
  readonly isCustom: boolean;
  /** What the provider that made the call wants back with it. */
  readonly carried: Carried | null;
}

/** What only its maker can read, and has to come back as it was: signatures and encrypted thoughts. */
export interface Carried {
  /** Whose it is, as far as its form tells: `google` for a signature of Gemini. */
  readonly provider: string;
  readonly kind: 'thought-signature' | 'reasoning-detail' | 'encrypted-reasoning';
  /** A signature is a string; a detail is OpenRouter's record. */
  readonly data: unknown;
}

/** Something carried that stands between the other parts of an answer. */
export interface CarriedPart extends WrittenPart, Carried {
  readonly type: 'carried';
}

/** What users, instructions and results of tools are made of. */
export type InputPart = TextPart | RefusalPart | ImagePart | AudioPart | VideoPart | FilePart | OtherPart;

/** What an answer is made of, in the order in which it was said. */
export type AnswerPart = InputPart | ReasoningPart | CallPart | CarriedPart;

export type ModelPart = AnswerPart;

/** A plain text stays one: most messages are, and nothing is made for them. */
type ContentOf<P> = string | readonly P[];

/** What the operator or the developer tells the model. */
export interface InstructionMessage extends Written {
  readonly role: 'system' | 'developer';
  readonly content: ContentOf<InputPart>;
}

/** What the user said. */
export interface UserMessage extends Written {
  readonly role: 'user';
  readonly content: ContentOf<InputPart>;
}

/** An earlier answer, with its calls. */
export interface AnswerMessage extends Written {
  readonly role: 'assistant';
  readonly content: ContentOf<AnswerPart>;
}

/** What a call came to. */
export interface ResultMessage extends Written {
  readonly role: 'tool';
  readonly callId: string;
  readonly content: ContentOf<InputPart>;
}

export type ModelMessage = InstructionMessage | UserMessage | AnswerMessage | ResultMessage;

export type ModelContent = ModelMessage['content'];

/** A message, by its content. */
interface Contained<P> {
  readonly content: ContentOf<P>;
  readonly at: number;
}

/** The words of a content: texts, refusals, and the text of parts in other words (`input_text`). */
export function wordsOf(content: ModelContent): string {
  if (typeof content === 'string') return content;
  let words = '';
  for (const part of content) {
    if (part.type === 'text' || part.type === 'refusal') words += part.text;
    else if (part.type === 'other') words += stringOf(part.source['text']) ?? '';
  }
  return words;
}

const NO_PARTS: readonly never[] = Object.freeze([]);

/** The calls of an answer. */
export function callsIn({ content }: AnswerMessage): readonly CallPart[] {
  return typeof content === 'string' ? NO_PARTS : content.filter((part) => part.type === 'call');
}

/** The content as parts, whatever form it came in; an empty text has none. */
export function partsIn<P extends ModelPart>({ content, at }: Contained<P>): readonly (P | TextPart)[] {
  if (typeof content !== 'string') return content;
  return content === '' ? NO_PARTS : [{ type: 'text', text: content, at, entry: 0, source: null }];
}
