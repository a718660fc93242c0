import {
  type ChoiceDelta,
  type ChunkDelta,
  choiceDelta,
  type Delta,
  type ExtraContent,
  type ToolCallDelta,
} from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, recordOf, recordsOf, stringOf } from '../../protocol/json.ts';
import type { ModelRequest } from '../../protocol/model-request.ts';
import type { NewId } from '../dialect.ts';
import { runsCode } from '../hosted-tools.ts';
import { type CodeForm, ContentReader } from './answer-content.ts';
import { toGeminiFinish } from './finish.ts';
import type { FunctionNames } from './names.ts';
import type { SignatureStore } from './signature-store.ts';
import { createCallAssembler, type WholeCall } from './tool-calls.ts';
import { readGeminiLogprobs } from './usage.ts';

/** What all candidates of one answer share. */
export interface AnswerContext {
  readonly request: ModelRequest;
  readonly names: FunctionNames;
  readonly signatures: SignatureStore;
  readonly newId: NewId;
  /** Ids given so far: they are unique in an answer. */
  readonly callIds: Set<string>;
}

/** Reads what belongs to one candidate, over all events of an answer. */
export class CandidateReader {
  readonly index: number;
  readonly #context: AnswerContext;
  readonly #content: ContentReader;
  readonly #assembler = createCallAssembler();
  #calls = 0;
  #reason: string | null = null;
  /** Its finish reasons end nothing: some streams have one on every event, those with code execution two. */
  #goesOn = false;
  #message = '';
  #grounding: JsonRecord = {};

  constructor(index: number, context: AnswerContext) {
    this.index = index;
    this.#context = context;
    this.#content = new ContentReader(context.newId, codeFormOf(context.request));
  }

  /** Adds what one event tells of the candidate to the deltas. */
  read(candidate: JsonRecord, deltas: Delta[]): void {
    const { finishReason, finishMessage, groundingMetadata } = candidate;
    const parts = recordsOf(recordOf(candidate['content'])['parts']);
    if (typeof finishReason === 'string') {
      this.#goesOn ||= this.#reason !== null && parts.length > 0;
      this.#reason = finishReason;
    }
    if (typeof finishMessage === 'string') this.#message = finishMessage;
    if (hasKeys(groundingMetadata)) this.#grounding = groundingMetadata;
    let isFirst = true;
    for (const part of parts) {
      this.#goesOn ||= 'executableCode' in part;
      const delta = this.#readPart(part, isFirst);
      isFirst = false;
      if (delta.content || hasKeys(delta)) deltas.push(choiceDelta(this.index, delta));
    }
    const logprobs = readGeminiLogprobs(candidate['logprobsResult']);
    if (logprobs) deltas.push({ ...choiceDelta(this.index, {}), logprobs });
  }

  /** True when it has a finish reason that is its last word. */
  isFinished(): boolean {
    return this.#reason !== null && !this.#goesOn;
  }

  /** The prompt was blocked after the answer had begun. */
  block(): void {
    this.#reason = 'PROHIBITED_CONTENT';
  }

  /** Sources, and the finish reason: with code execution it comes twice, so only the end can tell. */
  end(): ChoiceDelta {
    const annotations = this.#content.annotations(this.#grounding);
    const said = { hasAnswer: this.#content.hasAnswer(), calls: this.#calls };
    const finish = toGeminiFinish(this.#reason, this.#message, said);
    const rest = this.#content.end();
    return choiceDelta(this.index, annotations.length > 0 ? { ...rest, annotations } : rest, finish);
  }

  #readPart(part: JsonRecord, isFirst: boolean): ChunkDelta {
    const signature = stringOf(part['thoughtSignature']) || null;
    const call = part['functionCall'];
    if (isRecord(call)) return this.#readCall(this.#assembler.read(call, signature));
    const delta = this.#content.read(part, isFirst);
    return signature !== null && ownsSignature(part) ? { ...delta, extra_content: toExtra(signature) } : delta;
  }

  #readCall(call: WholeCall | null): ChunkDelta {
    const { request, names } = this.#context;
    if (call === null || (this.#calls > 0 && request.parallelToolCalls === false)) return {};
    const body = { name: names.toClient(call.name), arguments: JSON.stringify(call.args) };
    return { tool_calls: [toToolCall(this.#calls++, call, body, this.#context)] };
  }
}

function codeFormOf(request: ModelRequest): CodeForm {
  if (runsCode(request)) return 'runs';
  return request.outputFormat?.type.startsWith('json') ? 'hidden' : 'fenced';
}

/** Text, or a part that is a signature and nothing else. Signatures of parts that no client sends back are useless. */
function ownsSignature(part: JsonRecord): boolean {
  return (typeof part['text'] === 'string' && part['thought'] !== true) || Object.keys(part).length === 1;
}

/** Announces a call, whole as it came, and remembers its signature for clients that will not send it back. */
function toToolCall(
  index: number,
  call: WholeCall,
  body: { name: string; arguments: string },
  { callIds, newId, signatures }: AnswerContext,
): ToolCallDelta {
  const id = call.id !== null && !callIds.has(call.id) ? call.id : newId();
  callIds.add(id);
  const announced: ToolCallDelta = { index, id, type: 'function', function: body };
  if (call.signature === null) return announced;
  signatures.set(id, call.signature);
  return { ...announced, extra_content: toExtra(call.signature) };
}

function toExtra(signature: string): ExtraContent {
  return { google: { thought_signature: signature } };
}

function hasKeys(value: unknown): value is JsonRecord {
  if (!isRecord(value)) return false;
  for (const _ in value) return true;
  return false;
}
