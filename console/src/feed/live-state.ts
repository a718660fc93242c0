import { computed, signal } from '@preact/signals';
import type { LiveState } from './live-events.ts';

/** What the live feed has told, at most four times a second; null where it is not on, and pages ask now and then instead. */
export const live = signal<LiveState | null>(null);

/** How many calls run; null where it is not known without asking. */
export const callsInFlight = computed(() => live.value?.inFlight ?? null);
