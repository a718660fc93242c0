/** Longer than the longest pace, in milliseconds. */
const SLOTS = 64;

const slots = Array.from({ length: SLOTS }, (): (() => void)[] => []);
let turnedMs = 0;
let waiting = 0;
let ticker: NodeJS.Timeout | null = null;

/**
 * Does something after a pace of up to 63 ms. One timer serves all streams, and they keep their phases: the next pace
 * counts from when the last one was due, not from when it was served.
 */
export function afterPace(paceMs: number, action: () => void): void {
  if (ticker === null) {
    turnedMs = Math.floor(performance.now());
    ticker = setInterval(turn, 1).unref();
  }
  slots[(turnedMs + paceMs) % SLOTS]?.push(action);
  waiting++;
}

function turn(): void {
  // A slot that was missed is served late, never left out.
  for (const untilMs = Math.floor(performance.now()); turnedMs < untilMs; turnedMs++) {
    const due = slots[turnedMs % SLOTS]?.splice(0) ?? [];
    waiting -= due.length;
    for (const action of due) action();
  }
  if (waiting > 0 || ticker === null) return;
  clearInterval(ticker);
  ticker = null;
}
