import { useMemo } from 'preact/hooks';
import { tokensIn } from '../../answer/estimate.ts';
import type { Said } from '../../answer/said.ts';

/** How much was said, counted only when something was said. */
export function useTokens(said: readonly Said[]): number {
  return useMemo(() => said.reduce((sum, { text }) => sum + tokensIn(text), 0), [said]);
}
