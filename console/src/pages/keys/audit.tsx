import { useEffect, useRef } from 'preact/hooks';
import { go, href, place, withQuery } from '../../app/router.ts';
import { listKeys } from '../../feed/keys.ts';
import { usePoll } from '../../feed/poll.ts';
import type { AuditBody } from '../../feed/wire.ts';
import { dateTime } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import {
  type ChangeLine,
  doneWords,
  isHash,
  keyOfActor,
  linesOf,
  type Names,
  nameOf,
  namesOf,
  shortened,
} from './audit-words.ts';
import { useAudit } from './use-audit.ts';

/** Who did what to keys and organisations, the newest first: all of it, or what one organisation's manager may see. */
export function Audit() {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const subject = place.value.query.get('subject') ?? '';
  return (
    <>
      <div class="heading">
        <h1 ref={heading} tabIndex={-1}>
          Changes of keys
        </h1>
        <a class="end" href={href('/keys')}>
          All keys
        </a>
      </div>
      <Filter subject={subject} />
      <Entries key={subject} subject={subject} />
    </>
  );
}

function Entries({ subject }: { readonly subject: string }) {
  const { rows, next, isThere, error, isSlow, reload, isBusy, problem, loadOlder } = useAudit(subject);
  const names = namesOf(rows, useNewestKeys());
  return (
    <>
      <Known rows={rows} names={names} />
      {!isThere && error === null && <Skeleton rows={6} isSlow={isSlow} retry={reload} />}
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {isThere && rows.length === 0 && <None isFiltered={subject !== ''} />}
      {rows.length > 0 && <Table label="Changes" rows={rows} columns={columnsWith(names)} keyOf={({ id }) => id} />}
      {problem !== null && (
        <p class="problem" role="alert">
          {problem.message}
        </p>
      )}
      {next !== null && (
        <button class="button" type="button" disabled={isBusy} onClick={() => void loadOlder(next)}>
          Older changes
        </button>
      )}
    </>
  );
}

/** They are known by their names; entries have their hashes. */
function useNewestKeys() {
  const all = { words: '', org: '', withDisabled: true };
  const keys = usePoll((abort) => listKeys(all, { offset: 0, limit: 100 }, abort), 'names', null);
  return keys.data?.data ?? [];
}

function None({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) return <Empty>Nothing is on record of this hash or id. Take it away to see all changes.</Empty>;
  return <Empty>Nothing was changed yet. What is done to keys and organisations is put down here.</Empty>;
}

/** What is looked for, kept in the address. It stays while other entries come, and with it the focus. */
function Filter({ subject }: { readonly subject: string }) {
  return (
    <form class="filters" aria-label="Filter the changes" onSubmit={(event) => event.preventDefault()}>
      <label class="field">
        Hash or organisation
        <input
          type="search"
          list="known-subjects"
          value={subject}
          onChange={(event) => go(withQuery({ subject: event.currentTarget.value.trim() }), true)}
        />
      </label>
    </form>
  );
}

/** What the filter can be set to, of what is shown. */
function Known({ rows, names }: { readonly rows: readonly AuditBody[]; readonly names: Names }) {
  const subjects = new Set(rows.map(({ subject }) => subject));
  return (
    <datalist id="known-subjects">
      {[...subjects].map((id) => (
        <option key={id} value={id} label={nameOf(id, names)} />
      ))}
    </datalist>
  );
}

function columnsWith(names: Names): readonly Column<AuditBody>[] {
  return [
    { title: 'Time', cell: ({ at }) => <time dateTime={at}>{dateTime(at)}</time> },
    { title: 'Who', cell: (entry) => <Actor of={entry} names={names} /> },
    { title: 'What', cell: (entry) => <Subject of={entry} names={names} /> },
    { title: 'Was', cell: doneWords },
    { title: 'Change', cell: (entry) => <Lines of={linesOf(entry)} /> },
  ];
}

function Actor({ of, names }: { readonly of: AuditBody; readonly names: Names }) {
  const key = keyOfActor(of);
  if (key === null) return <span>{of.actor}</span>;
  return (
    <span class="stacked">
      <span>{names.get(key) ?? (isHash(key) ? 'a key' : key)}</span>
      {isHash(key) && (
        <code class="quiet" title={key}>
          {shortened(key)}
        </code>
      )}
    </span>
  );
}

/** It leads to what else was done to it. */
function Subject({ of: { subject, action, org_id: org }, names }: { readonly of: AuditBody; readonly names: Names }) {
  const isKey = action.startsWith('key.');
  return (
    <span class="stacked">
      <a href={href(withQuery({ subject }))} title="Only changes of this one">
        {nameOf(subject, names)}
      </a>
      <span class="quiet">
        {isKey ? 'key' : org === subject ? 'organisation' : `team of ${org}`}
        {isKey && names.has(subject) && (
          <>
            {' '}
            <code title={subject}>{shortened(subject)}</code>
          </>
        )}
        {isKey && org !== null && ` of ${org}`}
      </span>
    </span>
  );
}

function Lines({ of }: { readonly of: readonly ChangeLine[] }) {
  if (of.length === 0) return <span class="quiet">nothing else</span>;
  return (
    <ul class="change">
      {of.map(({ field, before, after }) => (
        <li key={field}>
          <code class="quiet">{field}</code> {before !== null && <del>{before}</del>}
          {before !== null && ' → '}
          {before === null ? after : <ins>{after}</ins>}
        </li>
      ))}
    </ul>
  );
}
