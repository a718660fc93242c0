import { useEffect, useRef } from 'preact/hooks';
import { go, withQuery } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import { findCall, type SomeCall } from '../../feed/calls.ts';
import { usePoll } from '../../feed/poll.ts';
import { CallStateWord, modelWords } from '../../parts/call-state.tsx';
import { count, dateTime, dollars, duration } from '../../parts/format.ts';
import { Empty, Problem, Skeleton } from '../../parts/states.tsx';
import { CancelButton } from './cancel.tsx';
import { Waterfall } from './waterfall.tsx';

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
  const ended = useRef<SomeCall | null>(known !== null && hasEnded(known) ? known : null);
  const { data, error, isSlow, reload } = usePoll(
    async (abort) => {
      // What has ended does not change any more.
      const call = ended.current ?? (await findCall(id, owner, viewer.peek()?.is_admin === true, abort));
      if (call !== null && hasEnded(call)) ended.current = call;
      return { call };
    },
    `${owner} ${id}`,
    ended.current === null ? EVERY_MS : null,
  );
  useEffect(() => heading.current?.focus(), []);
  const call = data === null ? known : data.call;
  const close = (): void => go(withQuery({ owner: null }).replace(/^\/calls\/[^?]*/, '/calls'));
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
      {call === null && data === null && error === null && <Skeleton rows={5} isSlow={isSlow} retry={reload} />}
      {call === null && error !== null && <Problem message={error.message} error={error} retry={reload} />}
      {call === null && data !== null && (
        <Empty>No call in flight and none of the last thousand has this id: it is of another key, or older.</Empty>
      )}
    </aside>
  );
}

function hasEnded({ state }: SomeCall): boolean {
  return state === 'completed' || state === 'failed' || state === 'cancelled';
}

function Facts({ call, onChange }: { readonly call: SomeCall; readonly onChange: () => void }) {
  return (
    <>
      <p>
        <CallStateWord call={call} /> {!hasEnded(call) && <CancelButton call={call} onDone={onChange} />}
      </p>
      {call.error?.message && <p class="notice error">{call.error.message}</p>}
      <dl class="facts">
        {factsOf(call).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <Waterfall call={call} />
    </>
  );
}

function factsOf(call: SomeCall): readonly (readonly [string, string])[] {
  const { usage } = call;
  const cached = usage?.prompt_tokens_details['cached_tokens'] ?? 0;
  const reasoning = usage?.completion_tokens_details['reasoning_tokens'] ?? 0;
  const facts: (readonly [string, string])[] = [
    ['Model', modelWords(call)],
    ['Chosen by', call.route ?? '–'],
    ['Key', call.org === undefined ? call.key : `${call.key} (${call.org})`],
    ['Path', call.path],
    ['Came', dateTime(call.created_at)],
    ['First token', duration(call.ttft_ms)],
    [hasEnded(call) ? 'Took' : 'Age', duration(call.age_ms)],
    [
      'Prompt',
      usage === null ? '–' : `${count(usage.prompt_tokens)} tokens${cached > 0 ? `, ${count(cached)} cached` : ''}`,
    ],
    ['Answer', `${count(call.completion_tokens)} tokens${reasoning > 0 ? `, ${count(reasoning)} thought` : ''}`],
  ];
  if (call.finish_reason !== null && call.finish_reason !== 'stop') facts.push(['Finished by', call.finish_reason]);
  if ('cost_usd' in call) {
    const isEstimate = call.usage_source === 'estimate';
    facts.push([
      'Cost',
      `${dollars(call.cost_usd, isEstimate)}${call.cost_source === null ? '' : ` by ${call.cost_source}`}`,
    ]);
    facts.push(['Status', String(call.status)]);
  }
  return facts;
}
