import { createChatDialect } from '../languages/chat/chat.ts';
import { bearer, type ProviderKind } from './provider.ts';

/**
 * OpenRouter takes every field of OpenAI and its own, and drops what a model lacks by itself; its
 * `reasoning_details` have to come back as they were, so history travels untouched.
 */
export const openrouter: ProviderKind = {
  baseUrl: 'https://openrouter.ai/api/v1',
  needsKey: true,
  authHeaders: bearer,
  createDialect({ newId }) {
    const foreign = { customTools: false, search: 'plugin', thoughts: true } as const;
    const dialect = createChatDialect({ foreign }, newId);
    return () => dialect;
  },
  openai: { path: '', authHeaders: bearer },
  models: {},
};
