import { isRecord, type JsonRecord, parseJson, recordOf, recordsOf, stringOf } from '../../src/protocol/json.ts';
import { schemas } from './schemas.ts';

export interface StreamOptions {
  /** Whether the client asked for usage with `stream_options.include_usage`. */
  readonly includeUsage?: boolean;
  /** The stream has to end with an error event. Default: it must not. */
  readonly isFailed?: boolean;
}

export interface StreamedCall {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  arguments: string;
}

/** What a client has in its hands after the stream. */
export interface StreamedChoice {
  text: string;
  reasoning: string;
  refusal: string;
  finish: string | null;
  readonly toolCalls: StreamedCall[];
  /** URLs of `annotations`. */
  readonly sources: string[];
}

export interface StreamedAnswer {
  readonly id: string | null;
  readonly model: string | null;
  /** By index. */
  readonly choices: readonly StreamedChoice[];
  readonly usage: JsonRecord | null;
  /** Top-level `citations`, Perplexity's list of URLs. */
  readonly citations: readonly string[];
  /** The error event that ended the stream. */
  readonly error: JsonRecord | null;
  readonly comments: number;
}

/**
 * Reads a whole emitted SSE text as strictly as can be and checks every rule that spans several events.
 * @throws Error that names the rule and shows the event which breaks it
 */
export function checkStream(text: string, options: StreamOptions = {}): StreamedAnswer {
  const { events, comments } = parseFrames(text);
  const last = events.at(-1);
  const error = errorOf(last);
  rule(options.isFailed === true ? error !== null : last === '[DONE]', 'the last event is [DONE], or an error', last);
  const state = new Rules(options.includeUsage === true);
  for (const event of events.slice(0, -1)) state.see(event);
  if (error === null) state.end();
  else checkError(last ?? '');
  return { ...state.answer(), error, comments };
}

function parseFrames(text: string): { events: string[]; comments: number } {
  rule(!text.includes('\r'), 'lines end with LF alone', text.slice(0, 200));
  rule(text.endsWith('\n\n'), 'the text ends with an empty line', text.slice(-200));
  const events: string[] = [];
  let comments = 0;
  for (const block of text.slice(0, -2).split('\n\n')) {
    const match = /^(?:id: \d+\n)?data: ([^\n]*)$/.exec(block);
    if (match?.[1] !== undefined) events.push(match[1]);
    else {
      rule(/^:[^\n]*$/.test(block), 'an event is one line of data, or a comment', block);
      comments++;
    }
  }
  return { events, comments };
}

function errorOf(event: string | undefined): JsonRecord | null {
  const error = recordOf(parseJson(event ?? ''))['error'];
  return isRecord(error) ? error : null;
}

function checkError(event: string): void {
  const body = parseJson(event);
  const error = recordOf(recordOf(body)['error']);
  rule(
    ['message', 'type', 'param', 'code'].every((key) => key in error),
    'an error has all four keys',
    event,
  );
  rule(schemas === null || schemas.error(body) === null, `an error fits the schema: ${schemas?.error(body)}`, event);
}

/** The rules of one stream; each `see` is one chunk. */
class Rules {
  readonly #includeUsage: boolean;
  readonly #choices = new Map<number, StreamedChoice>();
  #identity: string | null = null;
  #head: JsonRecord = {};
  #usage: JsonRecord | null = null;
  #citations: readonly string[] = [];

  constructor(includeUsage: boolean) {
    this.#includeUsage = includeUsage;
  }

  see(event: string): void {
    const chunk = parseJson(event);
    if (!isRecord(chunk)) throw new Error(`Not a JSON object: ${event.slice(0, 300)}`);
    rule(chunk['error'] === undefined, 'nothing comes after an error', event);
    const problem = schemas?.chunk(chunk) ?? null;
    rule(problem === null, `a chunk fits the schema: ${problem}`, event);
    this.#checkIdentity(chunk, event);
    rule(this.#usage === null, 'nothing but [DONE] comes after usage', event);
    const choices = recordsOf(chunk['choices']);
    this.#checkUsage(chunk, choices.length, event);
    if (Array.isArray(chunk['citations'])) this.#citations = chunk['citations'];
    for (const choice of choices) this.#seeChoice(choice, event);
  }

  end(): void {
    rule(this.#choices.size > 0, 'an answer has a choice', '[DONE]');
    rule(!this.#includeUsage || this.#usage !== null, 'usage comes when it was asked for', '[DONE]');
    for (const choice of this.#choices.values()) {
      rule(choice.finish !== null, 'every choice has a finish reason', '[DONE]');
      for (const call of choice.toolCalls) {
        const isWhole = call.type === 'custom' || isRecord(parseJson(call.arguments));
        rule(isWhole || choice.finish === 'length', 'joined arguments are a JSON object', call.arguments);
      }
    }
  }

  answer(): Omit<StreamedAnswer, 'error' | 'comments'> {
    return {
      id: stringOf(this.#head['id']),
      model: stringOf(this.#head['model']),
      choices: [...this.#choices].sort(([a], [b]) => a - b).map(([, choice]) => choice),
      usage: this.#usage,
      citations: this.#citations,
    };
  }

  #checkIdentity(chunk: JsonRecord, event: string): void {
    const { id, object, created, model } = chunk;
    rule(object === 'chat.completion.chunk' && Boolean(id) && Boolean(model), 'a chunk says what it is', event);
    const identity = JSON.stringify([id, created, model]);
    this.#identity ??= identity;
    this.#head = chunk;
    rule(identity === this.#identity, `id, created and model stay the same (${this.#identity})`, event);
  }

  #checkUsage(chunk: JsonRecord, choiceCount: number, event: string): void {
    const { usage } = chunk;
    rule('usage' in chunk === this.#includeUsage, '`usage` is a key exactly when it was asked for', event);
    rule(choiceCount > 0 || isRecord(usage), 'a chunk without choices is the usage chunk', event);
    if (!isRecord(usage)) return;
    rule(choiceCount === 0, 'usage comes with empty choices', event);
    rule(
      [...this.#choices.values()].every(({ finish }) => finish !== null),
      'usage comes after the finishes',
      event,
    );
    const sum = Number(usage['prompt_tokens']) + Number(usage['completion_tokens']);
    rule(usage['total_tokens'] === sum, 'total_tokens is the sum', event);
    this.#usage = usage;
  }

  #seeChoice(source: JsonRecord, event: string): void {
    const index = Number(source['index']);
    const delta = recordOf(source['delta']);
    const finish = stringOf(source['finish_reason']);
    const isFirst = !this.#choices.has(index);
    const choice = this.#choices.get(index) ?? newChoice();
    this.#choices.set(index, choice);
    rule(choice.finish === null, 'nothing of a choice comes after its finish reason', event);
    rule((delta['role'] === 'assistant') === isFirst, 'the role comes once, with the first delta', event);
    rule('finish_reason' in source, 'finish_reason is always a key', event);
    const saysNothing = !isRecord(source['logprobs']) && Object.values(delta).every(isNothing);
    rule(isFirst || finish !== null || !saysNothing, 'no delta is empty but the first and the last', event);
    rule(finish === null || Object.keys(delta).length === 0, 'a finish chunk has an empty delta', event);
    choice.finish = finish;
    foldDelta(choice, delta, event);
  }
}

function newChoice(): StreamedChoice {
  return { text: '', reasoning: '', refusal: '', finish: null, toolCalls: [], sources: [] };
}

function isNothing(value: unknown): boolean {
  return value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

function foldDelta(choice: StreamedChoice, delta: JsonRecord, event: string): void {
  choice.text += stringOf(delta['content']) ?? '';
  choice.reasoning += stringOf(delta['reasoning_content']) ?? '';
  choice.refusal += stringOf(delta['refusal']) ?? '';
  for (const annotation of recordsOf(delta['annotations'])) {
    choice.sources.push(String(recordOf(annotation['url_citation'])['url']));
  }
  for (const call of recordsOf(delta['tool_calls'])) foldCall(choice.toolCalls, call, event);
}

function foldCall(calls: StreamedCall[], delta: JsonRecord, event: string): void {
  const index = Number(delta['index']);
  const body = recordOf(delta['function'] ?? delta['custom']);
  const piece = stringOf(body['arguments'] ?? body['input']) ?? '';
  const open = calls[index];
  if (open === undefined) {
    rule(index === calls.length, 'tool calls count their index from 0', event);
    const [id, type, name] = [delta['id'], delta['type'], body['name']].map((value) => stringOf(value) ?? '');
    rule(Boolean(id && type && name), 'a call opens with id, type and name', event);
    calls.push({ id: id ?? '', type: type ?? '', name: name ?? '', arguments: piece });
    return;
  }
  const repeats = 'id' in delta || 'type' in delta || 'name' in body;
  rule(!repeats, 'id, type and name come once per call', event);
  open.arguments += piece;
}

function rule(holds: boolean, text: string, event: string | undefined): asserts holds {
  if (!holds) throw new Error(`Broken rule: ${text}.\nEvent: ${event?.slice(0, 500)}`);
}
