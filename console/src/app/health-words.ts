import type { LiveHealth } from '../feed/live-events.ts';
import { plural } from '../parts/format.ts';

/** What is not as it should be, in a few words each; none where all is well. */
export function healthWords({ breakers, keys_resting: resting, reload }: LiveHealth): readonly string[] {
  return [
    ...(breakers.length === 0 ? [] : [`${plural(breakers.length, 'breaker')} not closed`]),
    ...(resting === 0 ? [] : [`${plural(resting, 'key')} of providers at rest`]),
    ...(reload?.ok === false ? ['the last reload was refused'] : []),
  ];
}
