import type { UsageSumsBody } from '../../feed/wire.ts';
import { inkOf } from '../../parts/chart/inks.tsx';
import { type Series, stackAt } from '../../parts/chart/scale.ts';
import { count } from '../../parts/format.ts';
import { TOKEN_PARTS, tokenParts } from './sums.ts';

/** The tokens of a row in their parts, with those that bought no answer; of the series of the chart beside it. */
export function tokenBarSeries(sums: UsageSumsBody): readonly Series[] {
  const parts = tokenParts(sums);
  const used = TOKEN_PARTS.map((part) => ({ name: part, values: [parts[part]] }));
  return [...used, { name: 'wasted', values: [sums.wasted_tokens] }];
}

/** A bar as long as its tokens, beside those of the other rows. @param most the tokens of the longest */
export function TokenBar({ sums, most }: { readonly sums: UsageSumsBody; readonly most: number }) {
  const series = tokenBarSeries(sums);
  const words = series.filter(({ values }) => values[0] !== 0).map(({ name, values }) => `${count(values[0])} ${name}`);
  const scale = 100 / Math.max(1, most);
  return (
    <svg class="token-bar" role="img" aria-label={words.join(', ') || 'no tokens'}>
      <title>{words.join(', ') || 'no tokens'}</title>
      {stackAt(series, 0).map(({ series: index, from, to }) => (
        <rect
          key={index}
          class="bar-part"
          fill={inkOf(index)}
          x={`${from * scale}%`}
          width={`${(to - from) * scale}%`}
          height="100%"
        />
      ))}
    </svg>
  );
}
