import type { Request, Response } from 'express';
import { withSummary } from '../../languages/responses/client-compaction.ts';
import { readResponsesRequest } from '../../languages/responses/client-request.ts';
import { createId } from '../../languages/responses/words.ts';
import { promptTokensInSteps } from '../../protocol/estimate.ts';
import { inSteps } from '../json-body.ts';
import type { RequestState } from './state.ts';
import { type SummaryServices, summarise } from './summary.ts';

/**
 * The state of a request that asks for compaction (`context_management`): where what stands before the answer is longer
 * than its threshold, it is summed up first, by the same model.
 */
export async function compacted(
  state: RequestState,
  request: Request,
  response: Response,
  services: SummaryServices,
): Promise<RequestState> {
  const { body, context, conversation } = state;
  const threshold = thresholdOf(state);
  if (threshold === null) return state;
  const read = await inSteps(readResponsesRequest(body, context), response);
  if ((await inSteps(promptTokensInSteps(read), response)) <= threshold) return state;
  const call = {
    id: createId('cmpl', services.answers.ids),
    alias: null,
    path: '/v1/responses',
    receivedAt: services.calls.context.now(),
    endsWithClient: body.background !== true && conversation === null,
  };
  const { text, usage } = await summarise(state, call, request, response, services);
  return { ...state, compaction: { ...withSummary(body, context, text), usage } };
}

/** The lowest one; an entry without a number asks for nothing. */
function thresholdOf({ body }: RequestState): number | null {
  const thresholds = (body.context_management ?? []).flatMap(({ compact_threshold: tokens }) => tokens ?? []);
  return thresholds.length === 0 ? null : Math.min(...thresholds);
}
