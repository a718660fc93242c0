import type { LimitsBody } from '../../feed/wire.ts';
import { rateWords } from './facts.ts';

/** Which models may answer. */
export function Models({ of }: { readonly of: { readonly models: readonly string[] | null } }) {
  if (of.models === null) return <span class="quiet">all</span>;
  return of.models.length === 0 ? <span class="bad">none</span> : <code>{of.models.join(', ')}</code>;
}

/** Limits by time, one a line. */
export function Rates({ of }: { readonly of: LimitsBody }) {
  const words = rateWords(of);
  if (words.length === 0) return <span class="quiet">none</span>;
  return (
    <span class="stacked">
      {words.map((word) => (
        <span key={word}>{word}</span>
      ))}
    </span>
  );
}
