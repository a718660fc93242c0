import type { Listed } from '../../feed/keys.ts';
import type { StaticKeyBody } from '../../feed/wire.ts';
import { count } from '../../parts/format.ts';
import { type Column, Table } from '../../parts/table.tsx';
import { Models, Rates } from './limits.tsx';
import { Spend } from './spend.tsx';

const COLUMNS: readonly Column<StaticKeyBody>[] = [
  { title: 'Name', cell: ({ name }) => <strong>{name}</strong> },
  { title: 'May', cell: mayWords },
  { title: 'Organisation', cell: orgWords },
  { title: 'Models', cell: (key) => <Models of={key} /> },
  { title: 'Limits', cell: (key) => <Rates of={key} /> },
  { title: 'Spent', cell: (key) => <Spend of={key} /> },
];

/** Keys of the configuration file, which are changed there. */
export function StaticKeys({ keys: { data, total } }: { readonly keys: Listed<StaticKeyBody> }) {
  if (total === 0) return null;
  return (
    <section class="section" aria-labelledby="static-keys">
      <h2 id="static-keys">
        In the configuration file <span class="quiet">{count(total)}</span>
      </h2>
      <p class="quiet">
        Read-only here: change <code>auth.keys</code> in the file, and reload the gateway.
        {data.length < total && ` The first ${data.length} are shown.`}
      </p>
      <Table label="Keys of the file" rows={data} columns={COLUMNS} keyOf={({ name }) => name} />
    </section>
  );
}

function mayWords({ is_admin: isAdmin, kind }: StaticKeyBody): string {
  if (kind === 'management') return 'manage';
  return isAdmin ? 'call, and manage all' : 'call';
}

function orgWords({ org_id: org, orgs }: StaticKeyBody): string {
  if (orgs !== null) return orgs === '*' ? 'any, by each call' : `${orgs.join(', ')}, by each call`;
  return org ?? 'none';
}
