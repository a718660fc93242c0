import { createChatDialect } from '../languages/chat/chat.ts';
import { bearer, type ProviderKind } from './provider.ts';

/** Ollama, vLLM, llama.cpp, LM Studio and whatever else speaks OpenAI's chat: everything travels as it came. */
export const openaiCompatible: ProviderKind = {
  baseUrl: null,
  needsKey: false,
  authHeaders: bearer,
  createDialect({ newId }) {
    const dialect = createChatDialect({}, newId);
    return () => dialect;
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};
