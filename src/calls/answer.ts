import type { AnswerWriter } from '../languages/face.ts';
import type { Delta, OnBatch } from '../protocol/delta.ts';
import { execute } from '../routing/execute.ts';
import { noteBatch, type TranslatedCall } from './call.ts';
import type { CallRun } from './run-call.ts';
import type { Sink } from './sink.ts';

/**
 * Runs a call and writes its answer as a stream in the language of its client, one string per batch.
 * @throws GatewayError where the call failed; once the sink has begun it is the last event as well
 */
export function streamAnswer(run: CallRun<TranslatedCall>, sink: Sink): Promise<void> {
  return run.run(() => new AnswerStream(run, sink).write());
}

/** Runs a call and hands its answer over as one piece of JSON. @throws GatewayError */
export function wholeAnswer(run: CallRun<TranslatedCall>, send: (body: string) => void): Promise<void> {
  const { call, context } = run;
  return run.run(async () => {
    let writer: AnswerWriter | null = null;
    await execute(call, context, (batch) => {
      writer ??= createWriter(call);
      note(call, batch.deltas, context.now);
      writer.push(batch);
      return undefined;
    });
    send(JSON.stringify((writer ?? createWriter(call)).result()));
  });
}

/** The way of the batches of one answer into its sink: a class, as all that a chunk passes through. */
class AnswerStream {
  readonly #run: CallRun<TranslatedCall>;
  readonly #call: TranslatedCall;
  readonly #sink: Sink;
  #writer: AnswerWriter | null = null;

  constructor(run: CallRun<TranslatedCall>, sink: Sink) {
    this.#run = run;
    this.#call = run.call;
    this.#sink = sink;
  }

  async write(): Promise<void> {
    try {
      await execute(this.#call, this.#run.context, this.#push);
      if (this.#writer) this.#sink.end(this.#writer.end());
    } catch (error) {
      if (this.#sink.hasBegun()) {
        this.#writer ??= createWriter(this.#call);
        this.#sink.end(this.#writer.fail(this.#run.toError(error)));
      }
      throw error;
    }
  }

  readonly #push: OnBatch = (batch) => {
    const call = this.#call;
    this.#writer ??= createWriter(call);
    note(call, batch.deltas, this.#run.context.now);
    const frames = this.#writer.push(batch);
    return frames === '' || this.#sink.write(frames) ? undefined : this.#sink.drained(call.controller.signal);
  };
}

/** Only with the first batch is it known which model answers. */
function createWriter({ asked, request, currentAttempt, id, receivedAt }: TranslatedCall): AnswerWriter {
  const model = currentAttempt?.target.facts.model ?? request.model;
  return asked.createWriter({ id, created: Math.floor(receivedAt / 1000), model });
}

/** Notes on the call what passes by. */
function note(call: TranslatedCall, batch: readonly Delta[], now: () => number): void {
  if (batch.length > 0) noteBatch(call, now());
  for (const delta of batch) {
    if (delta.type === 'usage') call.usage = delta.usage;
    else if (delta.type === 'choice') {
      call.spoken.addDelta(delta.delta);
      if (delta.finish) call.finishReason = delta.finish;
    }
  }
}
