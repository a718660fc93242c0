import { createChatDialect } from '../languages/chat/chat.ts';
import { createNativeDialect, isNativeRequest } from '../languages/responses/native.ts';
import { bearer, type ProviderKind } from './provider.ts';

/** Ollama, vLLM, llama.cpp, LM Studio and whatever else speaks OpenAI's chat: everything travels as it came. */
export const openaiCompatible: ProviderKind = {
  baseUrl: null,
  needsKey: false,
  authHeaders: bearer,
  createDialect({ newId }, { name, hasResponses }) {
    const dialect = createChatDialect({ thinker: name }, newId);
    if (!hasResponses) return () => dialect;
    const native = createNativeDialect({ provider: name, thinks: () => false }, newId);
    return (request) => (isNativeRequest(request) ? native : dialect);
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};
