import type { Run, Scenario } from './scenarios.ts';
import { TEXT } from './text.ts';

/** SAFE: the call was not rescued, but the caller was told so at once and truly. */
export type Verdict = 'PASS' | 'PARTIAL' | 'SAFE' | 'FAIL';

/** The rules in their order. */
export function judge({ ideal, checks }: Scenario, run: Run): { readonly verdict: Verdict; readonly notes: string[] } {
  const { outcome, text, detail } = run.result;
  const failed = checks.filter((check) => !check.holds(run));
  const notes = failed.map(({ name }) => `not: ${name}`);
  if (outcome === 'hang') return { verdict: 'FAIL', notes: ['hangs', ...notes] };
  const isWrong = ideal === 'answer' && outcome === 'answer' && text.replace(/\s+/g, ' ').trim() !== TEXT;
  if (isWrong) return { verdict: 'FAIL', notes: ['the text is not the answer', ...notes] };
  if (failed.some(({ grade }) => grade === 'required')) return { verdict: 'FAIL', notes };
  if (detail !== '') notes.push(detail);
  if (ideal !== 'answer' && outcome === 'answer') return { verdict: 'PARTIAL', notes: ['answered', ...notes] };
  if (ideal === 'answer' && outcome === 'error') return { verdict: 'SAFE', notes };
  return { verdict: failed.length > 0 ? 'PARTIAL' : 'PASS', notes };
}
