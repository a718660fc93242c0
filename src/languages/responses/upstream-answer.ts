import { type ChunkDelta, choiceDelta, type Delta, type ToolCallDelta } from '../../protocol/delta.ts';
import { isRecord, type JsonRecord, recordsOf } from '../../protocol/json.ts';
import { lengthIfTruncated, plainFields } from '../chat/upstream-answer.ts';
import type { NewId } from '../dialect.ts';
import { createReportedImages } from './images.ts';
import { createReportedLogprobs, type ReportedLogprobs } from './logprobs.ts';
import { isWaiting, throwIfUnsayable, throwUnlessAnswered, toChatUsage, toFinish } from './outcome.ts';
import { createSandboxRuns } from './sandbox.ts';
import { createServerSteps } from './server-steps.ts';
import { createSearchSources, type SearchSources } from './sources.ts';
import { createResponsesText, type ResponsesText } from './text.ts';
import { createResponsesCalls, type ResponsesCalls } from './tool-calls.ts';
import { asksForMore, holdsMore } from './upstream-native.ts';

/** What reading an answer needs to know of its request. */
export interface AnswerOptions {
  readonly newId: NewId;
  /** The functions of the client; null where every `function_call` item is a call of the client's functions. */
  readonly functions: readonly string[] | null;
  /** True where the client is given the answer as it is: what the deltas have no words for is told by it. */
  readonly isNative: boolean;
  /** True where the provider answers in the background: what it says of that at once is all there is to be said. */
  readonly isPutOff: boolean;
  /** True where the client is told of code that the provider runs. */
  readonly runsCode: boolean;
  /** True where the client is told what the provider does at servers of its own. */
  readonly callsServers: boolean;
}

/** One answer as it becomes known. What a stream tells and what a whole answer tells go through the same. */
export interface ResponsesAnswer {
  readonly text: ResponsesText;
  readonly calls: ResponsesCalls;
  readonly logprobs: ReportedLogprobs;
  /** The response as it was before its answer: its echo of the request names the client's functions. */
  begin(response: JsonRecord): Delta[];
  /** An output item that begins. */
  openItem(item: JsonRecord, outputIndex: unknown): Delta[];
  /** An output item that is whole. Items of unknown type are skipped. */
  closeItem(item: JsonRecord, outputIndex: unknown): Delta[];
  /** The whole response at its end. Throws `AttemptError` when it has no answer. */
  finish(response: JsonRecord): Delta[];
}

/** One for one answer. */
export function createResponsesAnswer(options: AnswerOptions): ResponsesAnswer {
  const functions = options.functions && new Set(options.functions);
  const calls = createResponsesCalls(options.newId, (name) => functions?.has(name) ?? true);
  const text = createResponsesText();
  const logprobs = createReportedLogprobs();
  const images = createReportedImages();
  const sources = createSearchSources();
  const sandbox = createSandboxRuns();
  const steps = createServerSteps();
  const runsIn = (item: JsonRecord) =>
    (options.runsCode ? sandbox.read(item) : []).map((run) => ({ code_runs: [run] }));
  const stepsIn = (item: JsonRecord) =>
    (options.callsServers ? steps.read(item) : []).map((step) => ({ server_steps: [step] }));
  const hostedIn = (item: JsonRecord) => toDeltas([...runsIn(item), ...stepsIn(item)]);

  const begin = (response: JsonRecord): Delta[] => {
    for (const tool of recordsOf(response['tools'])) {
      if (tool['type'] === 'function') functions?.add(String(tool['name']));
    }
    return options.isPutOff ? [...SOMETHING] : [];
  };

  return {
    text,
    calls,
    logprobs,
    begin,
    openItem: (item, outputIndex) => [
      ...toDeltas(runsIn(item)),
      ...toCallDeltas(calls.open(item, outputIndex)),
      ...(options.isNative && asksForMore(item) ? SOMETHING : []),
    ],
    closeItem(item, outputIndex) {
      sources.add(item);
      const parts = [recordsOf(item['summary']), recordsOf(item['content'])];
      const texts = parts.flatMap((list) => list.flatMap((part, index) => text.close(`${outputIndex}:${index}`, part)));
      const told = toDeltas([...texts, ...images.add([item])]);
      return [...hostedIn(item), ...told, ...toCallDeltas(calls.close(item, outputIndex))];
    },
    finish(response) {
      if (options.isPutOff && isWaiting(response)) return [...SOMETHING, choiceDelta(0, {}, 'stop')];
      throwUnlessAnswered(response);
      begin(response);
      const output = recordsOf(response['output']);
      if (!options.isNative) throwIfUnsayable(output);
      for (const item of output) sources.add(item);
      const hosted = output.flatMap(hostedIn);
      const texts = toDeltas([...text.closeAll(output), ...images.rest(output)]);
      const more = options.isNative && holdsMore(output) ? SOMETHING : [];
      const reported = [...output.flatMap((item, index) => calls.close(item, index)), ...calls.end()];
      const finish = lengthIfTruncated(toFinish(response, calls.count() > 0), calls.isTruncated());
      const closing = { ...choiceDelta(0, {}, finish), logprobs: logprobs.rest(output) };
      const ending = [...sourceDeltas(sources, text), ...answerDeltas(response), closing];
      return [...hosted, ...texts, ...toCallDeltas(reported), ...more, ...ending];
    },
  };
}

/** Stands for what the deltas have no words for, so that the answer counts as one, and as no text that others could continue. */
const SOMETHING: readonly Delta[] = toCallDeltas([{ index: 0 }]);

/** Pieces of the one choice that a response has. */
export function toDeltas(pieces: readonly ChunkDelta[]): Delta[] {
  return pieces.map((piece) => choiceDelta(0, piece));
}

/** Pieces of tool calls, each as a delta of its own. */
export function toCallDeltas(calls: readonly ToolCallDelta[]): Delta[] {
  return toDeltas(calls.map((call) => ({ tool_calls: [call] })));
}

/** Perplexity marks its sources in the text; where a provider cites by itself, that counts. */
function sourceDeltas(sources: SearchSources, text: ResponsesText): Delta[] {
  const fields = sources.fields();
  if (fields === null) return [];
  const annotations = text.hasCitations() ? [] : sources.annotations(text.content());
  return [...toDeltas(annotations.length > 0 ? [{ annotations }] : []), { type: 'answer', fields }];
}

function answerDeltas(response: JsonRecord): Delta[] {
  const { service_tier, usage } = response;
  const fields: Delta = { type: 'answer', fields: plainFields({ service_tier }) };
  return isRecord(usage)
    ? [fields, { type: 'usage', usage: toChatUsage(usage, recordsOf(response['output'])) }]
    : [fields];
}
