import { useRef, useState } from 'preact/hooks';
import { listAudit } from '../../feed/audit.ts';
import type { ApiError } from '../../feed/client.ts';
import { usePoll } from '../../feed/poll.ts';
import { NO_ENTRIES, withNewest, withOlder } from './audit-list.ts';

const EVERY_MS = 5000;

/** The audit of a subject: its newest entries asked for again and again, older ones by hand. It is of one subject for as long as it is used. */
export function useAudit(subject: string) {
  const { data, error, isSlow, reload } = usePoll((abort) => listAudit(subject, null, abort), 'audit', EVERY_MS);
  const list = useRef(NO_ENTRIES);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ApiError | null>(null);
  const taken = useRef(data);
  if (data !== null && data !== taken.current) list.current = withNewest(list.current, data);
  taken.current = data;
  const loadOlder = async (after: string): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      list.current = withOlder(list.current, await listAudit(subject, after), after);
    } catch (caught) {
      setProblem(caught as ApiError);
    }
    setBusy(false);
  };
  return { ...list.current, isThere: data !== null, error, isSlow, reload, isBusy, problem, loadOlder };
}
