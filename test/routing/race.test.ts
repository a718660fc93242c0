import { describe, expect, it } from 'vitest';
import { nextRaceState, type RaceEvent, type RaceState, speakerOf } from '../../src/routing/race.ts';

const EVENTS = [
  'backup-started',
  'primary-spoke',
  'primary-out',
  'primary-final',
  'backup-spoke',
  'backup-out',
  'backup-final',
] as const satisfies readonly RaceEvent[];

/** The state after each event, in the order of EVENTS; a dash: nothing changes. */
const TABLE: Readonly<Record<RaceState, readonly (RaceState | '-')[]>> = {
  'primary-alone': ['both-silent', 'primary-spoke', '-', '-', '-', '-', '-'],
  'primary-spoke': ['primary-won', '-', '-', '-', '-', '-', '-'],
  'both-silent': ['-', 'primary-won', 'backup-won', 'primary-won', 'backup-won', 'primary-won', 'backup-won'],
  'primary-won': ['-', '-', '-', '-', '-', '-', '-'],
  'backup-won': ['-', '-', '-', '-', '-', '-', '-'],
};

const ROWS = Object.entries(TABLE).flatMap(([state, after]) =>
  EVENTS.map((event, at) => ({ state: state as RaceState, event, after: after[at] === '-' ? state : after[at] })),
);

describe('the state table of a hedge race', () => {
  it.each(ROWS)('$event in $state leads to $after', ({ state, event, after }) => {
    expect(nextRaceState(state, event)).toBe(after);
  });

  it.each([
    ['primary-alone', null],
    ['both-silent', null],
    ['primary-spoke', 'primary'],
    ['primary-won', 'primary'],
    ['backup-won', 'backup'],
  ] as const)('in %s the client receives %s', (state, speaker) => {
    expect(speakerOf(state)).toBe(speaker);
  });
});
