import type { RequestHandler } from 'express';
import type { Key } from '../../access/keys.ts';
import { wholeAnswer } from '../../calls/answer.ts';
import { createTranslatedCall } from '../../calls/call.ts';
import { CallRun } from '../../calls/run-call.ts';
import { checkResponsesBody, type ResponsesBody } from '../../languages/responses/client-check.ts';
import { placedItems, visibleItems } from '../../languages/responses/client-history.ts';
import { createId, openEnvelope, sealEnvelope } from '../../languages/responses/words.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { abortWhenClosed, headersOf, totalOf } from '../call-headers.ts';
import { inSteps } from '../json-body.ts';
import { planFor } from '../router.ts';
import type { Services } from '../services.ts';
import { readAsked } from './asked.ts';
import { toNewItems, toShown } from './items.ts';
import { ownerOf } from './owner.ts';
import { type RequestState, resolveState } from './state.ts';

const TASK =
  'Summarise the conversation so far for yourself, so that you can go on without it: what was decided, facts that were ' +
  'found, names and numbers, what tools came to, and what is still to be done. Leave out what no later turn can need. ' +
  'Write the summary alone, in the language of the conversation.';

/**
 * `POST /v1/responses/compact`: what the user said stays word for word, all else becomes a summary by the model that is
 * named, in an item that every model can read later.
 */
export function compactResponse(
  services: Pick<Services, 'snapshot' | 'calls' | 'routing' | 'answers'>,
): RequestHandler {
  const { answers, calls } = services;
  return async (request, response) => {
    const receivedAt = calls.context.now();
    const key = response.locals['key'] as Key;
    const body = await inSteps(checkResponsesBody(request.body), response);
    const state = await resolveState(answers.threads, ownerOf(key), body);
    const id = createId('cmpl', answers.ids);
    const wanted = withTask(state);
    const asked = await inSteps(readAsked(wanted, { id, createdAt: receivedAt, ids: answers.ids }), response);
    const plan = planFor(asked.request, request, response, services);
    const call = createTranslatedCall({
      id,
      key,
      path: '/v1/responses/compact',
      asked,
      plan,
      isStrict: false,
      isLarge: response.locals['isLarge'] === true,
      isResumable: false,
      totalMs: totalOf(request.get('x-sluice-timeout'), plan.targets[0].policy.timeouts.totalMs),
      receivedAt,
    });
    const run = new CallRun(call, calls.context, request.get('traceparent'));
    abortWhenClosed(run, response);
    await wholeAnswer(run, () => undefined);
    const { output, usage } = asked.writer.result();
    const said = visibleItems(placedItems(state.body, state.context), state.body, openEnvelope).map(({ item }) => item);
    const kept = await inSteps(toNewItems(said.filter(isOfUser).map(withoutId), answers.ids), response);
    response.set(headersOf(call, calls.context.now())).json({
      id,
      object: 'response.compaction',
      created_at: Math.floor(receivedAt / 1000),
      output: [...kept.map(toShown), toCompaction(textOf(output), createId('cmp', answers.ids))],
      usage,
    });
  };
}

/** The conversation with the task as its last word; nothing of it is kept, and no tool is called. */
function withTask(state: RequestState): RequestState {
  const { model, input, instructions, reasoning, fallbacks } = state.body;
  const items = typeof input === 'string' ? [{ role: 'user', content: input }] : (input ?? []);
  const body: ResponsesBody = {
    model,
    instructions,
    reasoning,
    fallbacks,
    input: [...items, { type: 'message', role: 'user', content: TASK }],
    store: false,
  };
  return { ...state, body, conversation: null, isStored: false };
}

function toCompaction(summary: string, id: string): JsonRecord {
  const sealed = sealEnvelope({ provider: 'sluice', kind: 'summary', data: summary, callId: null, answeredBy: null });
  return { id, type: 'compaction', encrypted_content: sealed };
}

function isOfUser({ type, role }: JsonRecord): boolean {
  return (type ?? 'message') === 'message' && role === 'user';
}

function withoutId({ id: _, ...item }: JsonRecord): JsonRecord {
  return item;
}

function textOf(output: unknown): string {
  const parts = recordsOf(output).flatMap(({ content }) => recordsOf(content));
  return parts.map(({ text }) => stringOf(text) ?? '').join('');
}
