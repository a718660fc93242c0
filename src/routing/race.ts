/** Who is in a race: the target that was asked first, or the one that was asked because it was late. */
export type Entrant = 'primary' | 'backup';

/** Where a race stands. In the last two it is decided whose answer the client gets. */
export type RaceState = 'primary-alone' | 'primary-spoke' | 'both-silent' | 'primary-won' | 'backup-won';

/**
 * What happens in a race: the backup starts; an entrant has its first token; an entrant is *out* when it failed in a way that
 * leaves the answer to the other; its failure is *final* when it is the answer itself, such as a bad request.
 */
export type RaceEvent = 'backup-started' | `${Entrant}-${'spoke' | 'out' | 'final'}`;

const NEXT: Readonly<Record<RaceState, Partial<Readonly<Record<RaceEvent, RaceState>>>>> = {
  'primary-alone': { 'primary-spoke': 'primary-spoke', 'backup-started': 'both-silent' },
  // Its first token came between the delay and the start of the backup.
  'primary-spoke': { 'backup-started': 'primary-won' },
  'both-silent': {
    'primary-spoke': 'primary-won',
    'primary-out': 'backup-won',
    'primary-final': 'primary-won',
    'backup-spoke': 'backup-won',
    'backup-out': 'primary-won',
    'backup-final': 'backup-won',
  },
  'primary-won': {},
  'backup-won': {},
};

/** The state after an event; an event that changes nothing leaves it as it was. */
export function nextRaceState(state: RaceState, event: RaceEvent): RaceState {
  return NEXT[state][event] ?? state;
}

/** Whose words the client hears; null as long as both are silent. */
export function speakerOf(state: RaceState): Entrant | null {
  if (state === 'primary-spoke' || state === 'primary-won') return 'primary';
  return state === 'backup-won' ? 'backup' : null;
}
