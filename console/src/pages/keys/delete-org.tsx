import { useState } from 'preact/hooks';
import { countKeys, deleteOrg } from '../../feed/keys.ts';
import { usePoll } from '../../feed/poll.ts';
import { plural } from '../../parts/format.ts';
import type { Answers, DoomedOrg } from './asked.ts';
import { Confirm } from './confirm.tsx';
import { EndsCalls, Typed } from './fields.tsx';

/** Removes an organisation for good, with its teams and all their keys; its id has to be typed. */
export function DeleteOrg({ gone, onClose, onOrgDeleted }: Answers & { readonly gone: DoomedOrg }) {
  const [endsCalls, setEndsCalls] = useState(false);
  const [typed, setTyped] = useState('');
  const { id } = gone.org;
  return (
    <Confirm
      title={`Delete ${id}`}
      action="Delete it for good"
      isDanger
      isReady={typed === id}
      onClose={onClose}
      work={async () => {
        await deleteOrg(id, endsCalls);
        onOrgDeleted(`${id} is deleted.`, gone);
      }}
    >
      <p>
        Its teams and all their keys are deleted with it, and cannot be brought back. What they have used stays on
        record, and its id is given to no other.
      </p>
      {gone.areAll && <WhatGoes id={id} teams={gone.teams} />}
      <Typed what="id" wanted={id} value={typed} onInput={setTyped} />
      <EndsCalls isOn={endsCalls} onChange={setEndsCalls} />
    </Confirm>
  );
}

/** How much that is; nothing is said until it is known. */
function WhatGoes({ id, teams }: { readonly id: string; readonly teams: readonly string[] }) {
  const keys = usePoll((abort) => countKeys([id, ...teams], abort), id, null).data;
  if (keys === null) return null;
  return (
    <p class={keys + teams.length === 0 ? 'quiet' : 'warn'}>
      {keys === 0 ? 'No key' : plural(keys, 'key')}
      {teams.length > 0 && `, and the ${teams.length === 1 ? 'team' : 'teams'} ${teams.join(', ')}`}.
    </p>
  );
}
