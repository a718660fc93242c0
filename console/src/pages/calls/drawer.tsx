import { useEffect, useRef } from 'preact/hooks';
import { go, withQuery } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { findCall, hasEnded, nameOf, type SomeCall } from '../../feed/calls.ts';
import { live } from '../../feed/live-state.ts';
import { usePoll } from '../../feed/poll.ts';
import { backToRow } from '../../parts/back-to-row.ts';
import { CallStateWord, modelWords } from '../../parts/call-state.tsx';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { Waterfall } from '../../parts/waterfall.tsx';
import { factsOf } from './call-facts.ts';
import { CancelButton } from './cancel.tsx';
import { ConversationLink } from './conversation-link.tsx';

interface DrawerProps {
  readonly id: string;
  readonly owner: string | null;
  /** The row that was opened: shown until more is known. */
  readonly known: SomeCall | null;
}

const EVERY_MS = 1000;

/** One call, whole. */
export function Drawer({ id, owner, known }: DrawerProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const { call, isUnknown, error, isSlow, reload } = useCall(id, owner, known);
  useEffect(() => {
    // Its program may come late, and then takes the focus from no field that is written in.
    if (!(document.activeElement instanceof HTMLInputElement)) heading.current?.focus();
  }, []);
  const close = (): void => backToRow(() => go(withQuery({ owner: null }).replace(/^\/calls\/[^?]*/, '/calls')));
  return (
    <aside class="drawer" aria-labelledby="call" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <div class="heading">
        <h2 id="call" ref={heading} tabIndex={-1}>
          Call
        </h2>
        <button class="button end" type="button" onClick={close}>
          Close
        </button>
      </div>
      <p>
        <code>{id}</code>
      </p>
      {call !== null && <Facts call={call} onChange={reload} />}
      {call === null && !isUnknown && error === null && <Skeleton rows={5} isSlow={isSlow} retry={reload} />}
      {call === null && error !== null && <Problem message={error.message} error={error} retry={reload} />}
      {call === null && isUnknown && error === null && (
        <Empty>
          No call that is kept has this id: it is of another key, or of too long ago.{' '}
          <button class="button" type="button" onClick={reload}>
            Look again
          </button>
        </Empty>
      )}
    </aside>
  );
}

/** The call, as the live feed tells of it or as it is found: again every second while it runs, and no more once it has ended. */
function useCall(id: string, owner: string | null, known: SomeCall | null) {
  const told = findLive(id, owner);
  const last = useRef(known);
  const isKnown = known !== null && hasEnded(known);
  const { data, error, isSlow, reload } = usePoll(
    async (abort) => {
      const own = viewer.peek();
      return { call: own === null ? null : await findCall(id, owner, own, abort) };
    },
    told !== null || isKnown ? null : `${owner} ${id}`,
    ({ call }) => (call === null || hasEnded(call) ? null : EVERY_MS),
  );
  last.current = told ?? data?.call ?? last.current;
  return { call: last.current, isUnknown: data !== null && data.call === null, error, isSlow, reload };
}

function findLive(id: string, owner: string | null): SomeCall | null {
  const calls = [...(live.value?.calls.values() ?? [])].map(({ call }) => call);
  return calls.find((call) => call.id === id && (owner === null || nameOf(call) === `${owner}\n${id}`)) ?? null;
}

function Facts({ call, onChange }: { readonly call: SomeCall; readonly onChange: () => void }) {
  return (
    <>
      <p>
        <CallStateWord call={call} /> {!hasEnded(call) && <CancelButton call={call} onDone={onChange} />}
      </p>
      <ConversationLink call={call} />
      {call.error?.message && <p class="notice error">{call.error.message}</p>}
      <dl class="facts">
        {[['Model', modelWords(call)] as const, ...factsOf(call)].map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {call.attempts.length > 0 && (
        <section aria-label="Attempts">
          <h3>Attempts</h3>
          <Waterfall call={call} />
        </section>
      )}
    </>
  );
}
