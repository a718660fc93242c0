import { describe, expect, it } from 'vitest';
import { createSignatureStore } from '../../../src/languages/gemini/signature-store.ts';

describe('the store of thought signatures', () => {
  it('evicts the oldest beyond its count', () => {
    const store = createSignatureStore({ maxEntries: 2, maxChars: 1000 });
    for (const id of ['a', 'b', 'c']) store.set(id, 'signature');
    expect(['a', 'b', 'c'].map((id) => store.get(id))).toEqual([null, 'signature', 'signature']);
  });

  it('evicts the oldest beyond its size', () => {
    const store = createSignatureStore({ maxEntries: 100, maxChars: 25 });
    for (const id of ['a', 'b', 'c']) store.set(id, 'x'.repeat(11));
    expect(['a', 'b', 'c'].map((id) => store.get(id) !== null)).toEqual([false, true, true]);
  });
});
