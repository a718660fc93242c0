import type { ComponentChildren } from 'preact';
import type { SomeCall } from '../feed/calls.ts';
import type { CallState } from '../feed/wire.ts';
import { Icon, type IconName } from './icons.tsx';

const WORDS: Readonly<Record<CallState, readonly [sign: IconName, word: string, tone: string]>> = {
  waiting: ['wait', 'waiting', 'quiet'],
  streaming: ['play', 'streaming', 'good'],
  backing_off: ['again', 'backing off', 'warn'],
  completed: ['check', 'completed', 'good'],
  failed: ['cross', 'failed', 'bad'],
  cancelled: ['stop', 'cancelled', 'quiet'],
};

/** What a call is doing or how it ended, in a sign and a word. */
export function CallStateWord({ call }: { readonly call: SomeCall }) {
  const [sign, word, tone] = WORDS[call.state];
  const isRescued = call.state === 'completed' && call.attempts.some(({ failure }) => failure !== null);
  return (
    <span class={tone}>
      <Icon name={sign} />
      {'\u00a0'}
      {isRescued ? 'rescued' : breakable(call.error?.code ?? word)}
    </span>
  );
}

/** A code that is too long for its column goes on below at one of its words. */
function breakable(code: string): ComponentChildren {
  return code.split(/(?<=_)/).map((part, at) => [at > 0 && <wbr />, part]);
}

/** Who was asked, and who answers where that is another. */
export function modelWords({ requested_model: asked, model, provider }: SomeCall): string {
  const answering = provider === null || model.startsWith(provider) ? model : `${model} (${provider})`;
  return asked === null || asked === '' || asked === model ? answering : `${asked} → ${answering}`;
}
