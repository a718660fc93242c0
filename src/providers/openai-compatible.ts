import { createChatDialect } from '../languages/chat/chat.ts';
import { createNativeChoice, isNativeRequest } from '../languages/responses/native.ts';
import { bearer, type ProviderKind } from './provider.ts';

/** Ollama, vLLM, llama.cpp, LM Studio and whatever else speaks OpenAI's chat: everything travels as it came. */
export const openaiCompatible: ProviderKind = {
  baseUrl: null,
  needsKey: false,
  authHeaders: bearer,
  createDialect({ newId }, { name, hasResponses, keepsResponses }) {
    const dialect = createChatDialect({ thinker: name }, newId);
    if (!hasResponses) return () => dialect;
    const native = createNativeChoice({ provider: name, thinks: () => false }, keepsResponses, newId);
    return (request) => (isNativeRequest(request) ? native(request) : dialect);
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};
