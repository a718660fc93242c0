import type { TurnPhase } from '../../answer/turn.ts';
import { count, dollars, duration } from '../../parts/format.ts';
import type { Figures } from './figures.ts';

/** An answer as far as it is judged. */
export interface Judged {
  readonly phase: TurnPhase;
  /** All that can be known of it is. */
  readonly isMeasured: boolean;
  readonly figures: Figures;
}

/** Less than this is the chance of the network, and no one would see it. */
const SAME_MS = 20;

/** How an answer did against the other one, in words: who was faster, cheaper, longer. */
export function verdictOf(own: Judged, other: Judged): string {
  const open = [own, other].find(({ phase }) => phase !== 'done');
  if (open !== undefined) return WITHOUT[open === own ? 'own' : 'other'][wordOf(open.phase)];
  if (!own.isMeasured || !other.isMeasured) return WITHOUT.own.running;
  const parts = [
    timeWords(own.figures.totalMs, other.figures.totalMs),
    costWords(own.figures, other.figures),
    lengthWords(own.figures.output, other.figures.output),
  ];
  const text = parts.filter((part) => part !== null).join(', ');
  return text === ''
    ? 'Not measured: the gateway has no record of both.'
    : `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}

const WITHOUT = {
  own: { running: 'Judged when both are complete.', stopped: 'Stopped: not judged.', failed: 'Failed: not judged.' },
  other: {
    running: 'Judged when both are complete.',
    stopped: 'The other was stopped: not judged.',
    failed: 'The other failed: not judged.',
  },
} as const;

function wordOf(phase: TurnPhase): keyof typeof WITHOUT.own {
  return phase === 'stopped' || phase === 'failed' ? phase : 'running';
}

function timeWords(own: number | null, other: number | null): string | null {
  if (own === null || other === null) return null;
  const gap = Math.abs(own - other);
  if (gap < SAME_MS) return 'as fast';
  return `${duration(gap)} ${own < other ? 'faster' : 'slower'}`;
}

function costWords(own: Figures, other: Figures): string | null {
  if (own.costUsd === null || other.costUsd === null) return 'price not known';
  if (own.costUsd === other.costUsd) return 'at the same price';
  const gap = dollars(Math.abs(own.costUsd - other.costUsd), own.isCostEstimate || other.isCostEstimate);
  return `${gap} ${own.costUsd < other.costUsd ? 'cheaper' : 'dearer'}`;
}

function lengthWords(own: number | null, other: number | null): string | null {
  if (own === null || other === null) return null;
  if (own === other) return 'as long';
  const gap = Math.abs(own - other);
  return `${count(gap)} ${gap === 1 ? 'token' : 'tokens'} ${own > other ? 'longer' : 'shorter'}`;
}
