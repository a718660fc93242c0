import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { toApiError } from '../../feed/client.ts';
import { type ListedThread, listThreads, type ThreadPage } from '../../feed/threads.ts';
import { withNewest, withOlder } from './listed-threads.ts';
import type { Join } from './thread-list.tsx';

interface OlderThreadsProps {
  /** What was searched for. */
  readonly words: string;
  /** All that is shown. */
  readonly page: ThreadPage;
  readonly join: RefObject<Join>;
  /** Asks for the newest ones, which are then put before what `join` has. */
  readonly reload: () => void;
}

/** Reads the conversations before those in the list, a page at a time; the first of them gets the focus. */
export function OlderThreads({ words, page, join, reload }: OlderThreadsProps) {
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(page);
  latest.current = page;
  const added = useRef<readonly string[]>([]);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const read = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setProblem(null);
    try {
      const older = await readBehind(words, latest.current.data);
      let shown = withOlder(latest.current, older);
      added.current = older.data.map(({ id }) => id);
      join.current = (asked, newest) => {
        if (asked !== words) return newest;
        shown = withNewest(shown, newest);
        return shown;
      };
      reload();
    } catch (error) {
      setProblem(`Older conversations are missing: ${toApiError(error).message}`);
    }
    setBusy(false);
  };
  useLayoutEffect(() => {
    const first = added.current.map(linkOf).find((link) => link !== null);
    if (first === undefined) return;
    added.current = [];
    // Where the reader has gone on, the focus is theirs.
    if (document.activeElement === button.current || document.activeElement === document.body) first?.focus();
  }, [page]);
  return (
    <>
      {problem !== null && (
        <p class="problem" role="alert">
          {problem}
        </p>
      )}
      {page.has_more && (
        <button ref={button} class="button" type="button" onClick={() => void read()}>
          {isBusy ? 'Reading older ones …' : 'Older conversations'}
        </button>
      )}
    </>
  );
}

/** What stands behind the last one of a list; behind the one before where that is gone. @throws ApiError */
async function readBehind(words: string, data: readonly ListedThread[]): Promise<ThreadPage> {
  try {
    return await listThreads(words, undefined, data.at(-1)?.id);
  } catch (error) {
    if (toApiError(error).status !== 400 || data.length < 2) throw error;
    return readBehind(words, data.slice(0, -1));
  }
}

function linkOf(id: string): HTMLElement | null {
  return document.querySelector<HTMLElement>(`[data-thread="${CSS.escape(id)}"] a`);
}
