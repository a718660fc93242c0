import type { KeyBody } from '../../feed/wire.ts';
import { dateTime } from '../../parts/format.ts';
import { Icon, type IconName } from '../../parts/icons.tsx';
import { type KeyState, stateOf } from './facts.ts';

const WORDS: Readonly<Record<KeyState, readonly [sign: IconName, tone: string]>> = {
  active: ['check', 'good'],
  rotating: ['again', 'warn'],
  expired: ['wait', 'bad'],
  disabled: ['stop', 'quiet'],
};

/** Whether a key calls, in a sign and a word. @param now milliseconds since the epoch */
export function KeyStateWord({ of, now }: { readonly of: KeyBody; readonly now: number }) {
  const state = stateOf(of, now);
  const [sign, tone] = WORDS[state];
  return (
    <span class={tone} title={state === 'rotating' ? oldSecretWords(of) : undefined}>
      <Icon name={sign} /> {state}
    </span>
  );
}

/** Until when the secret before a rotation holds. */
export function oldSecretWords({ old_secret_until: until }: Pick<KeyBody, 'old_secret_until'>): string {
  return until === null ? '' : `The secret before holds until ${dateTime(until)}.`;
}
