import { href, place } from '../../app/router.ts';
import type { KeyBody } from '../../feed/wire.ts';
import { dateTime } from '../../parts/format.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { KeyStateWord } from './key-state.tsx';
import { Models, Rates } from './limits.tsx';
import { Spend } from './spend.tsx';

/** What stays when a key stands open beside the table. */
const NARROW: ReadonlySet<string> = new Set(['Name', 'Organisation', 'Spent', 'State']);

const COLUMNS: readonly Column<KeyBody>[] = [
  { title: 'Name', cell: (key) => <Name of={key} /> },
  { title: 'Organisation', cell: ({ org_id: org }) => org ?? <span class="quiet">none</span> },
  { title: 'Models', cell: (key) => <Models of={key} /> },
  { title: 'Limits', cell: (key) => <Rates of={key} /> },
  { title: 'Spent', cell: (key) => <Spend of={key} /> },
  { title: 'Last used', cell: ({ last_used_at: at }) => <Time at={at} without="never" /> },
  { title: 'Expires', cell: ({ expires_at: at }) => <Time at={at} without="never" /> },
  { title: 'State', cell: (key) => <KeyStateWord of={key} now={Date.now()} /> },
];

/** Keys made at run time; each name opens its key. */
export function KeyTable({ keys, openHash }: { readonly keys: readonly KeyBody[]; readonly openHash: string | null }) {
  const columns = openHash === null ? COLUMNS : COLUMNS.filter(({ title }) => NARROW.has(title));
  return (
    <Table
      label="Keys"
      rows={keys}
      columns={columns}
      keyOf={({ hash }) => hash}
      isOpen={({ hash }) => hash === openHash}
    />
  );
}

function Name({ of: { hash, name, label, kind } }: { readonly of: KeyBody }) {
  const filters = place.value.query.toString();
  return (
    <span class="stacked">
      <a class="row-link" href={href(`/keys/${hash}${filters === '' ? '' : `?${filters}`}`)}>
        {name}
      </a>
      <span class="quiet">
        <code>{label}</code>
        {kind === 'management' && ' · manages'}
      </span>
    </span>
  );
}

function Time({ at, without }: { readonly at: string | null; readonly without: string }) {
  if (at === null) return <span class="quiet">{without}</span>;
  return <time dateTime={at}>{dateTime(at)}</time>;
}
