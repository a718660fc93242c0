import type { Delta, OnBatch } from '../protocol/delta.ts';
import type { GatewayError } from '../protocol/errors.ts';
import { execute } from '../routing/execute.ts';
import { noteBatch, type Preparation, type TranslatedCall } from './call.ts';
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
  const { writer, controller } = call;
  return run.run(async () => {
    let hasBegun = false;
    try {
      if (call.prepare) await prepare(call, call.prepare, () => undefined);
      await execute(call, context, (batch) => {
        if (!hasBegun) nameWhoAnswers(call);
        hasBegun = true;
        note(call, batch.deltas, context.now);
        writer.push(batch);
        return undefined;
      });
      if (call.keeper) await call.keeper.keep(controller.signal);
    } catch (error) {
      if (call.keeper) await call.keeper.keepFailed(run.toError(error), hasBegun, controller.signal);
      throw error;
    }
    send(JSON.stringify(writer.result()));
  });
}

/** The way of the batches of one answer into its sink: a class, as all that a chunk passes through. */
class AnswerStream {
  readonly #run: CallRun<TranslatedCall>;
  readonly #call: TranslatedCall;
  readonly #sink: Sink;
  #hasBegun = false;
  /** What has to be done before anything is written; null once it is. */
  #beginning: Promise<void> | null = null;

  constructor(run: CallRun<TranslatedCall>, sink: Sink) {
    this.#run = run;
    this.#call = run.call;
    this.#sink = sink;
  }

  async write(): Promise<void> {
    const { keeper, writer, controller } = this.#call;
    try {
      if (this.#call.prepare) await prepare(this.#call, this.#call.prepare, (frames) => this.#tell(frames));
      await execute(this.#call, this.#run.context, this.#push);
      if (this.#beginning) await this.#beginning;
      if (keeper) await keeper.keep(controller.signal);
      this.#sink.end(writer.end());
    } catch (error) {
      if (this.#beginning) await this.#beginning.catch(() => undefined);
      await this.#fail(this.#run.toError(error));
      throw error;
    }
  }

  readonly #push: OnBatch = (batch) => {
    const call = this.#call;
    const isFirst = !this.#hasBegun;
    if (isFirst) nameWhoAnswers(call);
    this.#hasBegun = true;
    note(call, batch.deltas, this.#run.context.now);
    if (call.reservation !== null) call.reservation.spoke(call.spoken.tokens());
    const frames = call.writer.push(batch);
    if (isFirst && call.keeper?.begin) this.#beginning = call.keeper.begin();
    return this.#beginning === null ? this.#write(frames) : this.#writeBehind(this.#beginning, frames);
  };

  /** Nothing is told before it can be found; what comes meanwhile keeps its order. */
  #writeBehind(beginning: Promise<void>, frames: string): Promise<void> {
    const written = beginning
      .then(() => this.#write(frames))
      .then(() => {
        if (this.#beginning === written) this.#beginning = null;
      });
    written.catch(() => undefined);
    this.#beginning = written;
    return written;
  }

  #write(frames: string): Promise<unknown> | undefined {
    return frames === '' || this.#sink.write(frames) ? undefined : this.#sink.drained(this.#call.controller.signal);
  }

  #tell(frames: string): void {
    if (frames !== '') this.#sink.write(frames);
  }

  async #fail(error: GatewayError): Promise<void> {
    const { keeper, writer, controller } = this.#call;
    const hasBegun = this.#hasBegun || this.#sink.hasBegun();
    if (keeper) await keeper.keepFailed(error, hasBegun, controller.signal);
    if (this.#sink.hasBegun()) this.#sink.end(writer.fail(error));
  }
}

/** What it comes to is asked in place of what was asked. */
async function prepare(call: TranslatedCall, work: Preparation, tell: (frames: string) => void): Promise<void> {
  const { request, plan } = await work(call.controller.signal, tell);
  call.request = request;
  call.plan = plan;
  call.route = plan.route;
}

/** Only with the first batch is it known which model answers. */
function nameWhoAnswers({ writer, request, currentAttempt }: TranslatedCall): void {
  const target = currentAttempt?.target;
  const thoughts = target?.provider.chooseDialect(request, target.facts).thoughts ?? 'summary';
  writer.answeredBy(target?.facts.model ?? request.model, target?.provider.name ?? '', thoughts);
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
