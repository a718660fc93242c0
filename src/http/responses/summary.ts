import type { Request, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import { wholeAnswer } from '../../calls/answer.ts';
import { createTranslatedCall, type TranslatedCall } from '../../calls/call.ts';
import { CallRun } from '../../calls/run-call.ts';
import { toSummaryBody } from '../../languages/responses/client-compaction.ts';
import { toUsage, type Usage } from '../../protocol/delta.ts';
import { GatewayError } from '../../protocol/errors.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { admitCall, totalOf } from '../call-headers.ts';
import { inSteps } from '../json-body.ts';
import { requireStoredRoutes } from '../route-check.ts';
import { planFor } from '../router.ts';
import type { Services } from '../services.ts';
import { readAsked } from './asked.ts';
import type { RequestState } from './state.ts';

/** What a summary takes of the rest of the house. */
export type SummaryServices = Pick<Services, 'snapshot' | 'calls' | 'routing' | 'answers'>;

/** Whose call it is that makes a summary. */
export interface SummaryCall {
  readonly id: string;
  /** The client's own name for it. */
  readonly alias: string | null;
  readonly path: string;
  readonly receivedAt: number;
  /** Another call waits for it. */
  readonly isPart: boolean;
}

/** A conversation in a few words. */
export interface Summary {
  readonly text: string;
  readonly usage: Usage;
  /** OpenAI's form of the usage. */
  readonly toldUsage: unknown;
}

/** A summary that is being made. */
export interface SummaryRun {
  readonly run: CallRun<TranslatedCall>;
  /** @throws GatewayError also for a summary that is none: a shorter memory would be worse than an error */
  finish(): Promise<Summary>;
}

/**
 * Has the model of a request sum up the conversation that it goes on with: a call of its own, found, cancelled and put on record as
 * any other.
 * @throws GatewayError where it cannot begin
 */
export async function startSummary(
  state: RequestState,
  { id, alias, path, receivedAt, isPart }: SummaryCall,
  request: Request,
  response: Response,
  services: SummaryServices,
): Promise<SummaryRun> {
  const { answers, calls } = services;
  const key = response.locals['key'] as Key;
  const body = toSummaryBody(state.body);
  const wanted = { ...state, body, conversation: null, isStored: false, compaction: null };
  const asked = await inSteps(readAsked(wanted, { id, createdAt: receivedAt, ids: answers.ids }), response);
  requireStoredRoutes(key, asked.request);
  const plan = planFor(asked.request, request, response, services);
  const call = createTranslatedCall({
    id,
    alias,
    key,
    path,
    asked,
    plan,
    isPart,
    isStrict: false,
    isLarge: response.locals['isLarge'] === true,
    isResumable: false,
    totalMs: totalOf(request.get('x-sluice-timeout'), plan.targets[0].policy.timeouts.totalMs),
    receivedAt,
  });
  const run = new CallRun(call, calls.context, request.get('traceparent'));
  await admitCall(run, response);
  return {
    run,
    async finish() {
      await wholeAnswer(run, () => undefined);
      const result = asked.writer.result();
      const usage = call.usage ?? toUsage({ prompt: 0, completion: 0 });
      return { text: textOf(result), usage, toldUsage: result['usage'] };
    },
  };
}

function textOf({ status, output }: JsonRecord): string {
  const parts = recordsOf(output).flatMap(({ content }) => recordsOf(content));
  const text = parts.map((part) => stringOf(part['text']) ?? '').join('');
  if (status === 'completed' && text.trim() !== '') return text;
  const problem = status === 'completed' ? 'it said nothing' : `its answer is '${String(status)}'`;
  throw new GatewayError(
    'upstream_error',
    `The model could not sum up the conversation: ${problem}. Name another one.`,
  );
}
