import type { SomeCall } from '../feed/calls.ts';
import { Icon } from '../parts/icons.tsx';
import { Waterfall } from '../parts/waterfall.tsx';
import { trailOf } from './trail.ts';

const TONES = { answered: 'good', failed: 'bad', stopped: 'quiet' } as const;
const SIGNS = { answered: 'check', failed: 'cross', stopped: 'stop' } as const;

/** The way to an answer that needed more than one attempt: a line that opens to the times of all of them. */
export function Trail({ call }: { readonly call: SomeCall }) {
  const steps = trailOf(call);
  if (steps.length === 0) return null;
  return (
    <details class="answer-trail">
      <summary>
        {steps.map(({ end, model, words }, at) => (
          <span key={at} class="trail-step">
            {at > 0 && <span aria-hidden="true">→ </span>}
            <span class={TONES[end]}>
              <Icon name={SIGNS[end]} /> <span class="hidden">{end}: </span>
              {model}
            </span>
            {words !== '' && ` ${words}`}
          </span>
        ))}
      </summary>
      <Waterfall call={call} />
    </details>
  );
}
