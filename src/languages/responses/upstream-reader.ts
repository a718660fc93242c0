import { choiceDelta, type Delta } from '../../protocol/delta.ts';
import { AttemptError, fail } from '../../protocol/failure.ts';
import { isRecord, type JsonRecord, parseJson, recordOf, stringOf } from '../../protocol/json.ts';
import type { StreamReader } from '../dialect.ts';
import { failureInside } from '../failure.ts';
import type { TextType } from './text.ts';
import {
  type AnswerOptions,
  createResponsesAnswer,
  type ResponsesAnswer,
  toCallDeltas,
  toDeltas,
} from './upstream-answer.ts';

/** Reads a stream of Responses events. One reader reads one stream. */
export function createResponsesReader(options: AnswerOptions): StreamReader {
  const answer = createResponsesAnswer(options);
  let isDone = false;
  return {
    keepsEvents: options.isNative,
    read(text) {
      // OpenRouter's Responses end with `[DONE]`, like its chat.
      if (text.startsWith('[DONE]')) isDone = true;
      if (isDone) return [];
      const event = parseJson(text);
      if (!isRecord(event)) fail('interrupted', `The provider sent an event that is no JSON: ${text.slice(0, 200)}`);
      throwErrorEvent(event);
      const ending = endingOf(event);
      isDone = ending !== null;
      if (ending !== null) return answer.finish(ending);
      return EVENTS.get(stringOf(event['type']) ?? '')?.(event, answer) ?? [];
    },
    end: () => [],
    isFinished: () => isDone,
    isDone: () => isDone,
  };
}

/** OpenAI's document has the error's fields in the event itself; its wire, and Perplexity's, nest them. */
function throwErrorEvent(event: JsonRecord): void {
  if (event['error']) throw new AttemptError(failureInside(event));
  if (event['type'] === 'error') throw new AttemptError(failureInside({ error: event }));
}

/** The last events of a stream, with the status they tell when the response in them does not. */
const ENDS = new Map([
  ['response.completed', 'completed'],
  ['response.incomplete', 'incomplete'],
  ['response.failed', 'failed'],
  ['response.cancelled', 'cancelled'],
]);

/** The whole response of a last event, also when a host that knows no streaming sends it bare. */
function endingOf(event: JsonRecord): JsonRecord | null {
  if (event['object'] === 'response' && Array.isArray(event['output'])) return event;
  const status = ENDS.get(stringOf(event['type']) ?? '');
  return status === undefined ? null : { status, ...recordOf(event['response']) };
}

type ReadEvent = (event: JsonRecord, answer: ResponsesAnswer) => Delta[];

/** Events of other types (server-side steps, progress) say nothing that a chat answer has room for. */
const EVENTS = new Map<string, ReadEvent>(
  Object.entries({
    'response.created': begin,
    'response.in_progress': begin,
    'response.queued': begin,
    'response.output_item.added': (event, answer) => answer.openItem(recordOf(event['item']), event['output_index']),
    'response.output_item.done': (event, answer) => answer.closeItem(recordOf(event['item']), event['output_index']),
    'response.content_part.done': closePart,
    'response.reasoning_summary_part.done': closePart,
    'response.output_text.delta': addText('output_text'),
    'response.output_text.done': closeText('output_text'),
    'response.output_text.annotation.added': (event, { text }) =>
      toDeltas(text.annotate(partOf(event), recordOf(event['annotation']))),
    'response.refusal.delta': addText('refusal'),
    'response.refusal.done': closeText('refusal'),
    'response.reasoning_summary_text.delta': addText('summary_text'),
    'response.reasoning_summary_text.done': closeText('summary_text'),
    'response.reasoning_text.delta': addText('reasoning_text'),
    'response.reasoning_text.done': closeText('reasoning_text'),
    'response.function_call_arguments.delta': addArguments,
    'response.function_call_arguments.done': closeArguments,
    'response.custom_tool_call_input.delta': addArguments,
    'response.custom_tool_call_input.done': closeArguments,
  } satisfies Record<string, ReadEvent>),
);

function begin(event: JsonRecord, answer: ResponsesAnswer): Delta[] {
  return answer.begin(recordOf(event['response']));
}

function addText(type: TextType): ReadEvent {
  return (event, { text, logprobs }) => {
    const delta = text.add(type, partOf(event), stringOf(event['delta']) ?? '');
    return delta === null ? [] : [{ ...choiceDelta(0, delta), logprobs: logprobs.add(event['logprobs']) }];
  };
}

function closeText(type: TextType): ReadEvent {
  return (event, { text }) => toDeltas(text.close(partOf(event), { ...event, type }));
}

function closePart(event: JsonRecord, { text }: ResponsesAnswer): Delta[] {
  return toDeltas(text.close(partOf(event), recordOf(event['part'])));
}

function addArguments(event: JsonRecord, { calls }: ResponsesAnswer): Delta[] {
  return toCallDeltas(calls.add(event, stringOf(event['delta']) ?? ''));
}

function closeArguments(event: JsonRecord, { calls }: ResponsesAnswer): Delta[] {
  return toCallDeltas(calls.fill(event, stringOf(event['arguments']) ?? stringOf(event['input']) ?? ''));
}

/** Names a part by its place; parts of different types may share one, their texts are counted apart. */
function partOf(event: JsonRecord): string {
  return `${event['output_index']}:${event['summary_index'] ?? event['content_index'] ?? 0}`;
}
