import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { ChatRequest } from '../../languages/chat/schema.ts';
import { tokensOf } from './tokens.ts';

/** Remembers beginnings of conversations, as providers do to bill them for less. */
export interface PromptCache {
  /** Tokens at the beginning of this conversation that an earlier one began with as well; remembers this one. */
  add(chat: ChatRequest): number;
}

/** Shorter beginnings are not worth remembering (OpenAI: 1024). */
const MIN_TOKENS = 512;
const MAX_ENTRIES = 1000;

/** Forgets the least recently used beginnings first. */
export function createPromptCache(): PromptCache {
  const known = new LRUCache<string, true>({ max: MAX_ENTRIES });
  return {
    add(chat) {
      const hash = createHash('sha256').update(JSON.stringify(chat.tools ?? []));
      let tokens = 0;
      let cached = 0;
      for (const message of chat.messages) {
        const beginning = hash.update(JSON.stringify(message)).copy().digest('base64');
        tokens += tokensOf(message);
        if (tokens < MIN_TOKENS) continue;
        if (known.get(beginning)) cached = tokens;
        known.set(beginning, true);
      }
      return cached;
    },
  };
}
