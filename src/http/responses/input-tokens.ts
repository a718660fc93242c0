import type { RequestHandler, Response } from 'express';
import type { Key } from '../../access/keys.ts';
import { checkResponsesBody } from '../../languages/responses/client-check.ts';
import { readResponsesRequest } from '../../languages/responses/client-request.ts';
import { promptTokensInSteps } from '../../protocol/estimate.ts';
import { inSteps } from '../json-body.ts';
import type { Services } from '../services.ts';
import { ownerOf } from './owner.ts';
import { resolveState } from './state.ts';

/** `POST /v1/responses/input_tokens`: what a request would cost, estimated as everywhere; no provider is asked. */
export function inputTokens({ answers }: Pick<Services, 'answers'>): RequestHandler {
  return async (request, response) => {
    const body = await inSteps(checkResponsesBody(request.body), response);
    const state = await resolveState(answers.threads, ownerIn(response), body);
    const read = await inSteps(readResponsesRequest(state.body, state.context), response);
    const tokens = await inSteps(promptTokensInSteps(read), response);
    response.json({ object: 'response.input_tokens', input_tokens: tokens });
  };
}

function ownerIn({ locals }: Response): string {
  return ownerOf(locals['key'] as Key);
}
