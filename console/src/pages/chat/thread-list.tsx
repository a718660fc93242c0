import type { RefObject } from 'preact';
import { useRef, useState } from 'preact/hooks';
import { go, href, place, withQuery } from '../../app/router.ts';
import { familyOf, onePerFamily } from '../../feed/families.ts';
import type { Polled } from '../../feed/poll.ts';
import { type ListedThread, PAGE, type ThreadPage } from '../../feed/threads.ts';
import { Icon } from '../../parts/icons.tsx';
import { later } from '../../parts/later.tsx';
import { Problem, Skeleton } from '../../parts/states.tsx';
import { daysOf } from './days.ts';

const ThreadDialog = later(async () => (await import('./thread-dialog.tsx')).ThreadDialog);
const OlderThreads = later(async () => (await import('./older-threads.tsx')).OlderThreads);

/** Puts what is asked for again and again, the newest ones, before the older ones that were read. @param words that they were searched by */
export type Join = (words: string, newest: ThreadPage) => ThreadPage;

/** What the list shows. */
export interface ThreadListProps {
  readonly threads: Polled<ThreadPage>;
  /** How the list is made of its pages: as it comes, until older ones are read. */
  readonly join: RefObject<Join>;
  readonly current: string | null;
}

/** The conversations used last, by day; versions of one stand as one. A sign is beside those that are being answered. */
export function ThreadList({ threads: { data: page, error, isSlow, reload }, join, current }: ThreadListProps) {
  const data = page?.data ?? null;
  const nav = useRef<HTMLElement>(null);
  const [opened, open] = useState<ListedThread | null>(null);
  const words = place.value.query.get('q') ?? '';
  const found = onePerFamily(data ?? []);
  const family = data?.find(({ id }) => id === current);
  const isCurrent = (thread: ListedThread): boolean =>
    thread.id === current || (family !== undefined && familyOf(family) === familyOf(thread));
  return (
    <nav ref={nav} class="threads" aria-label="Conversations">
      <a class="button new" href={href('/')}>
        New chat
      </a>
      <Search words={words} />
      {data === null && error === null && <Skeleton rows={3} isSlow={isSlow} retry={reload} />}
      {data === null && error !== null && error.status !== 0 && (
        <Problem message={error.message} error={error} retry={reload} />
      )}
      {data?.length === 0 && (
        <p class="quiet">{words === '' ? 'No conversations yet.' : `Nothing was said with “${words}”.`}</p>
      )}
      {daysOf(found, Date.now()).map(({ title, threads }) => (
        <section key={title} aria-label={title}>
          <p class="section-title" aria-hidden="true">
            {title}
          </p>
          <ul>
            {threads.map((thread) => (
              <ThreadRow key={thread.id} {...{ thread, words }} isCurrent={isCurrent(thread)} onOpen={open} />
            ))}
          </ul>
        </section>
      ))}
      {page && (page.has_more || page.data.length > PAGE) && (
        <OlderThreads key={words} {...{ words, page, join, reload }} />
      )}
      {opened && (
        <ThreadDialog
          thread={opened}
          onChanged={reload}
          onClose={() => open(null)}
          onRemoved={() => {
            const next = linkAfter(nav.current, opened.id);
            if (isCurrent(opened)) go(withWords('/', words));
            // After a new chat has taken the focus for its box.
            requestAnimationFrame(() => next?.focus());
          }}
        />
      )}
    </nav>
  );
}

function Search({ words }: { readonly words: string }) {
  return (
    <label class="field">
      <span class="hidden">Search in conversations</span>
      <input
        type="search"
        placeholder="Search"
        value={words}
        onInput={(event) => go(withQuery({ q: event.currentTarget.value }), true)}
      />
    </label>
  );
}

interface ThreadRowProps {
  readonly thread: ListedThread;
  readonly words: string;
  readonly isCurrent: boolean;
  readonly onOpen: (thread: ListedThread) => void;
}

function ThreadRow({ thread, words, isCurrent, onOpen }: ThreadRowProps) {
  const title = thread.metadata?.['title'] || 'Without a title';
  return (
    <li data-thread={thread.id}>
      <a href={href(withWords(`/c/${thread.id}`, words))} aria-current={isCurrent ? 'page' : undefined}>
        {title}
        {thread.running !== null && <span class="quiet"> · answering</span>}
      </a>
      <button
        class="button plain"
        type="button"
        aria-haspopup="dialog"
        aria-label={`Rename, export or delete: ${title}`}
        onClick={() => onOpen(thread)}
      >
        <Icon name="more" />
      </button>
    </li>
  );
}

/** What is searched for stays while another conversation is opened. */
function withWords(path: string, words: string): string {
  return words === '' ? path : `${path}?${new URLSearchParams({ q: words })}`;
}

/** The link of the row after one that goes, else of the one before, else what begins a new one. */
function linkAfter(nav: HTMLElement | null, id: string): HTMLElement | null {
  const rows = [...(nav?.querySelectorAll<HTMLElement>('[data-thread]') ?? [])];
  const at = rows.findIndex((row) => row.dataset['thread'] === id);
  return (rows[at + 1] ?? rows[at - 1] ?? nav)?.querySelector('a') ?? null;
}
