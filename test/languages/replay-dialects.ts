import { createChatDialect } from '../../src/languages/chat/chat.ts';
import type { Dialect } from '../../src/languages/dialect.ts';
import { createGeminiDialect } from '../../src/languages/gemini/gemini.ts';
import { createSignatureStore } from '../../src/languages/gemini/signature-store.ts';
import { createResponsesDialect } from '../../src/languages/responses/responses.ts';
import { toResponsesRequest } from '../../src/languages/responses/upstream-request.ts';
import { perplexity } from '../../src/providers/perplexity/perplexity.ts';
import { requestOf } from '../support/asked.ts';
import type { Api } from '../support/recordings.ts';
import { CHAT, FACTS, SPOKEN_TO } from '../support/replay.ts';

let ids = 0;

/** A fresh dialect for each replay; the ids of one replay count from 1, so that two replays can be compared. */
export function dialectFor(api: Api): Dialect {
  ids = 0;
  return DIALECTS[api]();
}

const newId = (): string => `call_${++ids}`;

const DIALECTS: Record<Api, () => Dialect> = {
  chat: () => createChatDialect({}, newId),
  sonar: () => createChatDialect({}, newId),
  responses: () =>
    createResponsesDialect({ path: '/responses', toBody: toResponsesRequest, hasOwnFunctions: false }, newId),
  agent: () =>
    perplexity.createDialect({ newId, signatures: createSignatureStore() }, SPOKEN_TO)(requestOf(CHAT), FACTS),
  gemini: () => createGeminiDialect({ newId, signatures: createSignatureStore() }),
};
