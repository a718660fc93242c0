/**
 * `npm run hostile`, or `npm run hostile -- <requests> <seed>`: hostile requests over raw connections to all paths of a
 * gateway with keys, and a Markdown table of what they got. Exits with 1 on a 5xx of the gateway's own, a hang, an error
 * without the envelope, a stack trace, a bug in the log, or a call that is still in flight at the end.
 */
import { toTable } from './compare/table.ts';
import { type Report, runHostile } from './hostile/run.ts';

const [count = 3000, seed = 1] = process.argv.slice(2).map(Number);

function tableOf({ answers }: Report): string {
  const statuses = [...new Set([...answers.values()].flatMap((counts) => [...counts.keys()]))].sort();
  const rows = [...answers].map(([name, counts]) => [name, ...statuses.map((status) => counts.get(status) ?? '')]);
  return toTable(['requests', ...statuses], rows);
}

const report = await runHostile(count, seed);
process.stdout.write(`${count} requests of seed ${seed}, answers by status:\n\n${tableOf(report)}`);
for (const { name, problem, sent } of report.violations) process.stdout.write(`${name}: ${problem}\n  ${sent}\n`);
process.stdout.write(`${report.violations.length} violations\n`);
process.exit(report.violations.length === 0 ? 0 : 1);
