/**
 * Memory of Gemini's thought signatures by tool call id: most clients drop the field that carries a signature,
 * and Gemini 3 refuses the next turn without it.
 */
export interface SignatureStore {
  get(toolCallId: string): string | null;
  set(toolCallId: string, signature: string): void;
}
