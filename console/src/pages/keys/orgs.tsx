import type { Listed } from '../../feed/keys.ts';
import type { Polled } from '../../feed/poll.ts';
import type { OrgBody } from '../../feed/wire.ts';
import { count } from '../../parts/format.ts';
import { Empty, Problem } from '../../parts/states.tsx';
import { type Column, Table } from '../../parts/table.tsx';
import type { DoomedOrg } from './asked.ts';
import { Models, Rates } from './limits.tsx';
import { Spend } from './spend.tsx';

interface OrgsProps {
  readonly list: Polled<Listed<OrgBody>>;
  /** The manager's own organisation, which it does not change; null for one that manages everything. */
  readonly ownOrg: string | null;
  /** Another one is to be changed; null: made. */
  readonly onAsk: (org: OrgBody | null) => void;
  readonly onDelete: (doomed: DoomedOrg) => void;
}

/** Organisations with their teams, and what all their keys have spent. */
export function Orgs({ list: { data, error, reload }, ownOrg, onAsk, onDelete }: OrgsProps) {
  return (
    <section class="section" aria-labelledby="orgs">
      <div class="heading">
        <h2 id="orgs">Organisations {data !== null && <span class="quiet">{count(data.total)}</span>}</h2>
        <button class="button end" type="button" onClick={() => onAsk(null)}>
          {ownOrg === null ? 'New organisation' : 'New team'}
        </button>
      </div>
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {data !== null && <OrgTable orgs={data} ownOrg={ownOrg} onAsk={onAsk} onDelete={onDelete} />}
    </section>
  );
}

type OrgTableProps = Omit<OrgsProps, 'list'> & { readonly orgs: Listed<OrgBody> };

function OrgTable({ orgs: { data, total }, ownOrg, onAsk, onDelete }: OrgTableProps) {
  if (total === 0) return <Empty>No organisation yet. One gives its keys a budget and limits together.</Empty>;
  const remove = (org: OrgBody): void => onDelete({ org, teams: teamsOf(org, data), areAll: data.length === total });
  const change = (org: OrgBody) => (
    <Change org={org} isOwn={org.id === ownOrg} onEdit={() => onAsk(org)} onDelete={() => remove(org)} />
  );
  const columns: readonly Column<OrgBody>[] = [...COLUMNS, { title: 'Change', cell: change }];
  return (
    <>
      {data.length < total && <p class="quiet">The first {data.length} are shown.</p>}
      <Table label="Organisations" rows={data} columns={columns} keyOf={({ id }) => id} />
    </>
  );
}

const COLUMNS: readonly Column<OrgBody>[] = [
  { title: 'Organisation', cell: (org) => <Name of={org} /> },
  { title: 'Team of', cell: ({ parent_id: parent }) => parent ?? <span class="quiet">none</span> },
  { title: 'Models', cell: (org) => <Models of={org} /> },
  { title: 'Limits', cell: (org) => <Rates of={org} /> },
  { title: 'Spent', cell: (org) => <Spend of={org} /> },
];

function Name({ of: { id, name, disabled } }: { readonly of: OrgBody }) {
  return (
    <span class="stacked">
      <strong>{id}</strong>
      <span class="quiet">
        {name !== id && name}
        {disabled && <span class="bad"> disabled</span>}
      </span>
    </span>
  );
}

interface ChangeProps {
  readonly org: OrgBody;
  readonly isOwn: boolean;
  readonly onEdit: () => void;
  readonly onDelete: () => void;
}

function Change({ org: { id, static: isStatic }, isOwn, onEdit, onDelete }: ChangeProps) {
  if (isStatic) return <span class="quiet">in the file</span>;
  if (isOwn) return <span class="quiet">not with this key</span>;
  return (
    <span class="changes">
      <button class="button" type="button" data-org={id} aria-label={`Edit ${id}`} onClick={onEdit}>
        Edit
      </button>
      <button class="button danger" type="button" aria-label={`Delete ${id}`} onClick={onDelete}>
        Delete
      </button>
    </span>
  );
}

function teamsOf({ id }: OrgBody, orgs: readonly OrgBody[]): readonly string[] {
  return orgs.filter(({ parent_id: parent }) => parent === id).map((team) => team.id);
}
