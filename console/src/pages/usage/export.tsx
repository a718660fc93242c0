import { useState } from 'preact/hooks';
import { exportSums } from '../../feed/usage.ts';
import { dayOf, type Period } from './period.ts';
import { aheadOf, type Question, sumsQuery } from './question.ts';
import { groupsOf } from './sums.ts';

/** Saves what is shown, by time and by what it is split by, as a table. */
export function ExportButton({ asked, period }: { readonly asked: Question; readonly period: Period }) {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      const table = await exportSums(sumsQuery(asked, period, [period.unit, ...groupsOf(asked.split)]));
      download(table, fileName(asked, period));
    } catch (error) {
      setProblem((error as Error).message);
    }
    setBusy(false);
  };
  return (
    <>
      <button class="button end" type="button" disabled={isBusy} onClick={save}>
        {isBusy ? 'Exporting' : 'Export CSV'}
      </button>
      {problem !== null && (
        <p class="problem" role="alert">
          Not exported: {problem}
        </p>
      )}
    </>
  );
}

function fileName({ zone, split }: Question, { from, to }: Period): string {
  const [first, last] = [from, to - 1].map((second) => dayOf(second, aheadOf(zone)));
  return `usage-by-${split}-${first === last ? first : `${first}-to-${last}`}.csv`;
}

/** A link alone would not do: it cannot send the header beside which a session counts. */
function download(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken the file up by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
