import { useEffect, useRef, useState } from 'preact/hooks';
import { go, href, place, withQuery } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { listKeys, listOrgs, listStaticKeys, readKey } from '../../feed/keys.ts';
import { usePoll } from '../../feed/poll.ts';
import '../../parts/drawer.css';
import { later } from '../../parts/later.tsx';
import { Skeleton } from '../../parts/states.tsx';
import type { Answers, Asked } from './asked.ts';
import { Drawer } from './drawer.tsx';
import { rowAfter } from './facts.ts';
import { filterIn, PAGE_SIZE, pageIn } from './filters.tsx';
import { KeyList } from './key-list.tsx';
import './keys.css';
import { NoKeys } from './no-keys.tsx';
import { Orgs } from './orgs.tsx';
import { StaticKeys } from './static-keys.tsx';

const EVERY_MS = 5000;

const loadQuestion = async () => (await import('./question.tsx')).Question;
const Question = later(loadQuestion);

const Audit = later(async () => (await import('./audit.tsx')).Audit, <Skeleton rows={6} />);

/** Keys and organisations, with what they may and what they have spent; `/keys/:hash` opens one beside them, `/keys/audit` says who changed them. */
export function KeysPage() {
  if (viewer.value?.auth === 'none') return <NoKeys />;
  return place.value.path === '/keys/audit' ? <Audit /> : <ManagedKeys />;
}

function ManagedKeys() {
  const [, , hash = null] = place.value.path.split('/');
  const { keys, statics, orgs, one, reload } = useLists(hash);
  const heading = useRef<HTMLHeadingElement>(null);
  const [asked, ask] = useState<Asked | null>(null);
  const [note, setNote] = useState('');
  useEffect(loadSoon, []);
  const changed = (told: string): void => {
    setNote(told);
    reload();
  };
  const answers = answersOf(ask, () => heading.current?.focus(), changed);
  const orgIds = orgs.data?.data.map(({ id }) => id) ?? [];
  return (
    <>
      <div class="heading">
        <h1 ref={heading} tabIndex={-1}>
          Keys
        </h1>
        <p class="note" role="status">
          {note}
        </p>
        <a class="end" href={href('/keys/audit')}>
          Changes
        </a>
        <button class="button primary" type="button" onClick={() => ask({ what: 'new' })}>
          New key
        </button>
      </div>
      <div class={hash === null ? undefined : 'has-drawer'}>
        <div class="lists">
          <KeyList list={keys} orgs={orgIds} openHash={hash} />
          {statics.data !== null && <StaticKeys keys={statics.data} />}
          <Orgs
            list={orgs}
            ownOrg={viewer.value?.manages === 'org' ? viewer.value.org : null}
            onAsk={(org) => ask({ what: 'org', org })}
            onDelete={(doomed) => ask({ what: 'delete-org', ...doomed })}
          />
        </div>
        {hash !== null && (
          <Drawer
            key={hash}
            one={one}
            known={keys.data?.data.find((key) => key.hash === hash) ?? null}
            onAsk={ask}
            onClose={closeDrawer}
          />
        )}
      </div>
      {asked !== null && <Question asked={asked} orgs={orgIds} {...answers} />}
    </>
  );
}

/** All that the page shows, asked for again and again. */
function useLists(hash: string | null) {
  const filter = filterIn(place.value.query);
  const page = { offset: (pageIn(place.value.query) - 1) * PAGE_SIZE, limit: PAGE_SIZE };
  const keys = usePoll((abort) => listKeys(filter, page, abort), JSON.stringify([filter, page]), EVERY_MS);
  const statics = usePoll((abort) => listStaticKeys(filter, abort), JSON.stringify(filter), EVERY_MS);
  const orgs = usePoll(listOrgs, 'orgs', EVERY_MS);
  const one = usePoll((abort) => readKey(hash ?? '', abort), hash, EVERY_MS);
  const reload = (): void => {
    for (const list of hash === null ? [keys, orgs] : [keys, orgs, one]) list.reload();
  };
  return { keys, statics, orgs, one, reload };
}

/** The dialogs are there when the first is asked for; where they could not be had, that is said then. */
function loadSoon(): void {
  loadQuestion().catch(() => undefined);
}

/** What dialogs tell leads to: another dialog, none, and fresh lists. */
function answersOf(ask: (asked: Asked | null) => void, focus: () => void, changed: (note: string) => void): Answers {
  return {
    onClose: () => ask(null),
    onDone(note) {
      ask(null);
      changed(note);
    },
    onMade(made) {
      ask({ what: 'secret', made });
      changed('');
    },
    onDeleted(note) {
      ask(null);
      closeDrawer();
      changed(note);
      // The button that was pressed is gone with its key.
      requestAnimationFrame(focus);
    },
    onOrgDeleted(note, { org, teams }) {
      ask(null);
      changed(note);
      const rows = [...document.querySelectorAll<HTMLElement>('[data-org]')];
      const next = rowAfter(rows.map(orgOf), [org.id, ...teams]);
      requestAnimationFrame(() => (next === null ? focus() : rows[next]?.focus()));
    },
  };
}

function orgOf({ dataset }: HTMLElement): string {
  return dataset['org'] ?? '';
}

/** The filters of the list stay. */
function closeDrawer(): void {
  go(withQuery({}).replace(/^\/keys\/[^?]*/, '/keys'));
}
