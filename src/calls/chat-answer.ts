import { createCompletion } from '../protocol/completion.ts';
import type { Delta, OnBatch } from '../protocol/delta.ts';
import { Envelope, type Identity } from '../protocol/envelope.ts';
import { toErrorFrame } from '../protocol/sse.ts';
import { execute } from '../routing/execute.ts';
import { type ChatCall, noteBatch } from './call.ts';
import type { CallRun } from './run-call.ts';
import type { Sink } from './sink.ts';

/**
 * Runs a chat call and writes its answer as server-sent events, one string per batch.
 * @throws GatewayError where the call failed; once the sink has begun it is the last event as well
 */
export function streamAnswer(run: CallRun<ChatCall>, sink: Sink): Promise<void> {
  return run.run(() => new AnswerStream(run, sink).write());
}

/** Runs a chat call and hands its answer over as the JSON of one completion. @throws GatewayError */
export function wholeAnswer(run: CallRun<ChatCall>, send: (body: string) => void): Promise<void> {
  const { call, context } = run;
  return run.run(async () => {
    const completion = createCompletion();
    await execute(call, context, (batch) => {
      note(call, batch, context.now);
      completion.add(batch);
      return undefined;
    });
    send(JSON.stringify(completion.toBody(identityOf(call))));
  });
}

/** The way of the batches of one answer into its sink: a class, as all that a chunk passes through. */
class AnswerStream {
  readonly #run: CallRun<ChatCall>;
  readonly #call: ChatCall;
  readonly #sink: Sink;
  #envelope: Envelope | null = null;

  constructor(run: CallRun<ChatCall>, sink: Sink) {
    this.#run = run;
    this.#call = run.call;
    this.#sink = sink;
  }

  async write(): Promise<void> {
    try {
      await execute(this.#call, this.#run.context, this.#push);
      if (this.#envelope) this.#sink.end(this.#envelope.end());
    } catch (error) {
      if (this.#sink.hasBegun()) this.#sink.end(toErrorFrame(this.#run.toError(error).toBody()));
      throw error;
    }
  }

  readonly #push: OnBatch = (batch) => {
    const call = this.#call;
    // Only with the first batch is it known which model answers.
    this.#envelope ??= new Envelope(identityOf(call), call.chat.stream_options?.include_usage === true);
    note(call, batch, this.#run.context.now);
    const frames = this.#envelope.push(batch);
    return frames === '' || this.#sink.write(frames) ? undefined : this.#sink.drained(call.controller.signal);
  };
}

/** Notes on the call what passes by. */
function note(call: ChatCall, batch: readonly Delta[], now: () => number): void {
  if (batch.length > 0) noteBatch(call, now());
  for (const delta of batch) {
    if (delta.type === 'usage') call.usage = delta.usage;
    else if (delta.type === 'choice') {
      call.spoken.addDelta(delta.delta);
      if (delta.finish) call.finishReason = delta.finish;
    }
  }
}

function identityOf(call: ChatCall): Identity {
  const model = call.currentAttempt?.target.facts.model ?? call.chat.model;
  return { id: `chatcmpl-${call.id}`, created: Math.floor(call.receivedAt / 1000), model };
}
