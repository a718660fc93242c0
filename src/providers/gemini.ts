import { createGeminiDialect } from '../languages/gemini/gemini.ts';
import { bearer, type ProviderKind } from './provider.ts';

/** Google's Gemini API. Embeddings and the like go to its OpenAI layer, which wants the key as a bearer token. */
export const gemini: ProviderKind = {
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  needsKey: true,
  // Never `?key=`: addresses end up in logs.
  authHeaders: (apiKey) => ({ 'x-goog-api-key': apiKey }),
  createDialect({ newId, signatures }) {
    const dialect = createGeminiDialect({ newId, signatures });
    return () => dialect;
  },
  openai: { path: '/openai', authHeaders: bearer },
  models: {},
};
