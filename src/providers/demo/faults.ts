/** What `demo:<fault>` does wrong. */
export const DEMO_FAULTS = {
  '429': 'refuses with HTTP 429 and asks to wait a second',
  '500': 'fails with HTTP 500',
  reset: 'resets the connection before any answer',
  silent: 'accepts the request and never answers',
  slow: 'waits three seconds, then speaks slowly',
  cut: 'breaks the connection in the middle of the answer',
  stall: 'falls silent in the middle of the answer',
  garbage: 'sends broken JSON in the middle of the answer',
  'no-done': 'ends a whole answer without [DONE]',
} as const;

/** The word after `demo:`. */
export type DemoFault = keyof typeof DEMO_FAULTS;
