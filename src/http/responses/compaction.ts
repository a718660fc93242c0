import type { Request, Response } from 'express';
import type { Preparation } from '../../calls/call.ts';
import { withSummary } from '../../languages/responses/client-compaction.ts';
import { readResponsesRequest } from '../../languages/responses/client-request.ts';
import { createId } from '../../languages/responses/words.ts';
import { promptTokensInSteps } from '../../protocol/estimate.ts';
import { inSteps } from '../json-body.ts';
import { planFor } from '../router.ts';
import { type ResponsesRequest, toAskedRequest } from './asked.ts';
import type { RequestState } from './state.ts';
import { type SummaryServices, startSummary } from './summary.ts';

/**
 * The state of a request that may ask for compaction (`context_management`): where what stands before the answer is longer
 * than its threshold, a summary without words stands in its place, by which everything but its length can be planned.
 */
export async function compactible(state: RequestState, response: Response): Promise<RequestState> {
  const { body, context } = state;
  const threshold = thresholdOf(state);
  if (threshold === null) return state;
  const read = await inSteps(readResponsesRequest(body, context), response);
  if ((await inSteps(promptTokensInSteps(read), response)) <= threshold) return state;
  return { ...state, compaction: withSummary(body, context, '') };
}

/**
 * The summary that such a request waits for, by the same model, as a part of its own call: the client has its first events
 * by then. Null where there is nothing to sum up.
 */
export function prepareSummary(
  state: RequestState,
  asked: ResponsesRequest,
  request: Request,
  response: Response,
  services: SummaryServices,
): Preparation | null {
  if (state.compaction === null) return null;
  return async (signal, tell) => {
    // In the background it has been told to be queued, and stays so.
    if (!asked.isBackground) tell(asked.writer.open('in_progress'));
    const { text, usage } = await summaryFor(state, signal, request, response, services);
    const { body, sealed } = withSummary(state.body, state.context, text);
    const next = toAskedRequest(await inSteps(readResponsesRequest(body, []), response), asked);
    const plan = planFor(next, request, response, services);
    tell(asked.writer.sumUp({ sealed, usage }));
    return { request: next, plan };
  };
}

/** It ends with the call that waits for it. */
async function summaryFor(
  state: RequestState,
  signal: AbortSignal,
  request: Request,
  response: Response,
  services: SummaryServices,
) {
  const call = {
    id: createId('cmpl', services.answers.ids),
    alias: null,
    path: '/v1/responses',
    receivedAt: services.calls.context.now(),
    isPart: true,
  };
  const { run, finish } = await startSummary(state, call, request, response, services);
  const abort = (): void => run.abort(run.toError(signal.reason));
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();
  try {
    return await finish();
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

/** The lowest one; an entry without a number asks for nothing. */
function thresholdOf({ body }: RequestState): number | null {
  const thresholds = (body.context_management ?? []).flatMap(({ compact_threshold: tokens }) => tokens ?? []);
  return thresholds.length === 0 ? null : Math.min(...thresholds);
}
