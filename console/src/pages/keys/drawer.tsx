import { useEffect, useRef } from 'preact/hooks';
import { href } from '../../app/router.ts';
import { viewer } from '../../app/session.ts';
import type { BudgetWindow } from '../../feed/keys.ts';
import type { Polled } from '../../feed/poll.ts';
import type { KeyBody } from '../../feed/wire.ts';
import { backToRow } from '../../parts/back-to-row.ts';
import { Problem, Skeleton } from '../../parts/states.tsx';
import type { Asked } from './asked.ts';
import { stateOf } from './facts.ts';
import { factsOf } from './key-facts.tsx';
import { KeyStateWord, oldSecretWords } from './key-state.tsx';
import { Windows } from './windows.tsx';

interface DrawerProps {
  readonly one: Polled<KeyBody>;
  /** The row that was opened: shown until more is known. */
  readonly known: KeyBody | null;
  readonly onAsk: (asked: Asked) => void;
  readonly onClose: () => void;
}

/** One key, whole, with what can be done to it. */
export function Drawer({ one: { data, error, isSlow, reload }, known, onAsk, onClose }: DrawerProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  const key = data ?? known;
  const close = (): void => backToRow(onClose);
  return (
    <aside class="drawer" aria-labelledby="key" onKeyDown={(event) => event.key === 'Escape' && close()}>
      <div class="heading">
        <h2 id="key" ref={heading} tabIndex={-1}>
          {key === null ? 'Key' : key.name}
        </h2>
        <button class="button end" type="button" onClick={close}>
          Close
        </button>
      </div>
      {error !== null && error.status !== 0 && <Problem message={error.message} error={error} retry={reload} />}
      {key === null && error === null && <Skeleton rows={5} isSlow={isSlow} retry={reload} />}
      {key !== null && error?.status !== 404 && <Whole of={key} onAsk={onAsk} />}
    </aside>
  );
}

function Whole({ of: key, onAsk }: { readonly of: KeyBody } & Pick<DrawerProps, 'onAsk'>) {
  const now = Date.now();
  const onReset = (window: BudgetWindow): void => onAsk({ what: 'reset', key, window });
  return (
    <>
      <p>
        <KeyStateWord of={key} now={now} />
        {stateOf(key, now) === 'rotating' && <span class="quiet"> {oldSecretWords(key)}</span>}
      </p>
      <div class="actions start">
        <button class="button" type="button" onClick={() => onAsk({ what: 'edit', key })}>
          Edit
        </button>
        <button class="button" type="button" onClick={() => onAsk({ what: 'rotate', key })}>
          Rotate
        </button>
        <button class="button" type="button" onClick={() => onAsk({ what: 'switch', key })}>
          {key.disabled ? 'Enable' : 'Disable'}
        </button>
        <button class="button danger" type="button" onClick={() => onAsk({ what: 'delete', key })}>
          Delete
        </button>
      </div>
      <h3>Spent</h3>
      <Windows of={key} onReset={onReset} />
      <h3>Facts</h3>
      <dl class="facts">
        {factsOf(key).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <p>
        <a href={href(`/keys/audit?subject=${key.hash}`)}>Its changes</a>
        {viewer.value?.is_admin === true && (
          <>
            {' · '}
            <a href={href(`/calls?key=${key.hash}`)}>Its calls</a>
          </>
        )}
      </p>
    </>
  );
}
