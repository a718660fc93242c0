/** What of a Gemini model's name decides which parameters it takes. */
export interface GeminiModel {
  /** Major × 100 + minor: 2.5 is 205, 3 is 300. Infinity for names without a version: aliases mean the newest. */
  readonly version: number;
  readonly isPro: boolean;
  /** Answers with images: `gemini-3-pro-image`, `gemini-2.5-flash-image`. */
  readonly paints: boolean;
}

/** Reads names like `gemini-3.1-pro-preview`. `gemini-flash-latest` and unknown names count as the newest. */
export function readGeminiName(upstream: string): GeminiModel {
  const match = /gemini-(\d+)(?:\.(\d+))?(?:-|$)/.exec(upstream);
  const version = match ? Number(match[1]) * 100 + Number(match[2] ?? 0) : Number.POSITIVE_INFINITY;
  return { version, isPro: /-pro(?:-|$)/.test(upstream), paints: /-image(?:-|$)/.test(upstream) };
}
