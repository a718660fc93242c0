import type { CodeRunDelta } from '../../protocol/hosted-delta.ts';
import { type JsonRecord, recordsOf, stringOf } from '../../protocol/json.ts';
import { restOf } from './reported-text.ts';

/** The code of one answer that Perplexity ran in its sandbox (`sandbox_results`); each piece is told once. */
export interface SandboxRuns {
  /** An item that begins, or is whole. Items of other types give nothing. */
  read(item: JsonRecord): CodeRunDelta[];
}

interface SandboxRun {
  readonly index: number;
  code: string;
  isEnded: boolean;
}

/** One for one answer. */
export function createSandboxRuns(): SandboxRuns {
  const runs = new Map<unknown, SandboxRun>();
  return {
    read(item) {
      const { type, call_id: id, container_id: container, status } = item;
      if (type !== 'sandbox_results') return [];
      const run = runs.get(id) ?? { index: runs.size, code: '', isEnded: false };
      runs.set(id, run);
      if (run.isEnded) return [];
      const code = restOf(stringOf(item['code']) ?? '', run.code);
      run.code += code;
      run.isEnded = status !== 'in_progress';
      const begun = { index: run.index, code, ...(typeof container === 'string' ? { container } : {}) };
      return [run.isEnded ? { ...begun, ...toResult(item) } : begun];
    },
  };
}

/** Where the code itself failed, what it printed says why. */
function toResult(item: JsonRecord): Pick<CodeRunDelta, 'output' | 'outcome'> {
  const printed = recordsOf(item['results']).flatMap(({ stdout, stderr }) => [stdout, stderr]);
  const output = printed.filter((text) => typeof text === 'string').join('');
  return { output, outcome: item['status'] === 'timed_out' ? 'failed' : 'completed' };
}
