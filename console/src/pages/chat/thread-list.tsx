import { href } from '../../app/router.ts';
import type { Thread } from '../../feed/conversations.ts';
import type { Polled } from '../../feed/poll.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';

interface ThreadListProps {
  readonly threads: Polled<readonly Thread[]>;
  readonly current: string | null;
}

/** The conversations used last; a sign beside those that are being answered. */
export function ThreadList({ threads: { data, error, isSlow, reload }, current }: ThreadListProps) {
  return (
    <nav class="threads" aria-label="Conversations">
      <a class="button new" href={href('/')}>
        New chat
      </a>
      {data === null && error === null && <Skeleton rows={3} isSlow={isSlow} retry={reload} />}
      {data === null && error !== null && error.status !== 0 && (
        <Problem message={error.message} error={error} retry={reload} />
      )}
      {data?.length === 0 && <p class="quiet">No conversations yet.</p>}
      <ul>
        {data?.map(({ id, metadata, running }) => (
          <li key={id}>
            <a href={href(`/c/${id}`)} aria-current={id === current ? 'page' : undefined}>
              {metadata?.['title'] || 'Without a title'}
              {running !== null && <span class="quiet"> · answering</span>}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}
