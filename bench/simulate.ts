/**
 * `npm run simulate`: the strategies of a group against each other, on the same 20,000 calls, in virtual time: the real
 * plan, route, breakers and statistics, and providers that differ in speed, price and reliability. Prints a Markdown
 * table, the same one every time.
 */
import { toHead, toLine } from './compare/table.ts';
import { NAMES, simulate, type Tally } from './simulate/run.ts';
import { loadRegistry, ROWS } from './simulate/settings.ts';

const HEAD = [
  'strategy',
  'served',
  'TTFT p50',
  'TTFT p95',
  'USD per 1,000 calls',
  'attempts per call',
  `first asked: ${NAMES.join(', ')}`,
];

function toCells(name: string, tally: Tally): string[] {
  const { calls, served, attempts, usd, ttfts, firstAsked } = tally;
  const sorted = Float64Array.from(ttfts).sort();
  const at = (share: number): string => `${Math.round(sorted[Math.ceil(share * sorted.length) - 1] ?? 0)} ms`;
  const shares = NAMES.map((provider) => `${Math.round(((firstAsked.get(provider) ?? 0) / calls) * 100)} %`);
  return [
    name,
    `${((served / calls) * 100).toFixed(2)} %`,
    at(0.5),
    at(0.95),
    ((usd / calls) * 1000).toFixed(2),
    (attempts / calls).toFixed(3),
    shares.join(', '),
  ];
}

const registry = await loadRegistry();
process.stdout.write(toHead(HEAD));
for (const name of ROWS) process.stdout.write(toLine(toCells(name, simulate(registry, name))));
