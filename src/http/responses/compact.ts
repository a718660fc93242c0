import type { RequestHandler } from 'express';
import type { Key } from '../../access/keys.ts';
import { checkResponsesBody } from '../../languages/responses/client-check.ts';
import { toCompaction, userItems } from '../../languages/responses/client-compaction.ts';
import { createId } from '../../languages/responses/words.ts';
import { abortWhenClosed, headersOf } from '../call-headers.ts';
import { inSteps } from '../json-body.ts';
import { aliasOf } from './alias.ts';
import { toNewItems, toShown } from './items.ts';
import { ownerOf } from './owner.ts';
import { resolveState } from './state.ts';
import { type SummaryServices, startSummary } from './summary.ts';

/**
 * `POST /v1/responses/compact`: what users said stays word for word, all else becomes a summary by the model that is
 * named, in an item that every model can read later.
 */
export function compactResponse(services: SummaryServices): RequestHandler {
  const { answers, calls } = services;
  return async (request, response) => {
    const receivedAt = calls.context.now();
    const owner = ownerOf(response.locals['key'] as Key);
    const body = await inSteps(checkResponsesBody(request.body), response);
    const state = await resolveState(answers.threads, owner, body);
    // Not the id of a response: it is no parent, and found by nothing but the list of calls.
    const id = createId('cmpl', answers.ids);
    const call = {
      id,
      alias: aliasOf(request, response),
      path: '/v1/responses/compact',
      receivedAt,
      isPart: false,
    };
    const { run, finish } = await startSummary(state, call, request, response, services);
    abortWhenClosed(run, response);
    const { text, toldUsage } = await finish().finally(() => {
      if (!response.headersSent) response.set(headersOf(run.call, calls.context.now()));
    });
    const items = [...userItems(state.body, state.context), toCompaction(text)];
    const output = await inSteps(toNewItems(items, answers.ids), response);
    response.json({
      id,
      object: 'response.compaction',
      created_at: Math.floor(receivedAt / 1000),
      output: output.map(toShown),
      usage: toldUsage,
    });
  };
}
