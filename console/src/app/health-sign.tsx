import { live } from '../feed/live-state.ts';
import { healthWords } from './health-words.ts';

const PATHS = {
  well: 'M8 6a2 2 0 1 0 0 4 2 2 0 0 0 0-4M7.5 8h1',
  troubled: 'M8 2.5 14.5 13.5h-13zM8 6.5v3M8 11.5h.01',
};

/** How the process is, as far as the live feed tells: nothing is asked for it. The name of the link stays, and the page has it in words. */
export function HealthSign() {
  const health = live.value?.health ?? null;
  if (health === null) return null;
  const troubles = healthWords(health);
  const isWell = troubles.length === 0;
  return (
    <span class={isWell ? 'good' : 'warn'} title={isWell ? 'All is well' : troubles.join(', ')}>
      <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" style={{ marginInlineStart: '0.3em' }}>
        <path d={isWell ? PATHS.well : PATHS.troubled} />
      </svg>
    </span>
  );
}
