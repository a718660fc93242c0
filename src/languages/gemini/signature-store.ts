import { LRUCache } from 'lru-cache';

/**
 * Memory of Gemini's thought signatures by tool call id: most clients drop the field that carries a signature,
 * and Gemini 3 refuses the next turn without it.
 */
export interface SignatureStore {
  get(toolCallId: string): string | null;
  set(toolCallId: string, signature: string): void;
}

/** Bounds of the memory: how many signatures, and how many characters of ids and signatures together. */
export interface SignatureLimits {
  readonly maxEntries: number;
  readonly maxChars: number;
}

/** A few days of tool calls of a busy team; signatures have from 100 to more than 100,000 characters. */
const DEFAULT_LIMITS: SignatureLimits = { maxEntries: 20_000, maxChars: 64 * 1024 * 1024 };

/** Remembers in this process. The least recently used signature is forgotten first. */
export function createSignatureStore(limits: SignatureLimits = DEFAULT_LIMITS): SignatureStore {
  const memory = new LRUCache<string, string>({
    max: limits.maxEntries,
    maxSize: limits.maxChars,
    sizeCalculation: (signature, id) => Math.max(1, signature.length + id.length),
  });
  return {
    get: (id) => memory.get(id) ?? null,
    set(id, signature) {
      memory.set(id, signature);
    },
  };
}
