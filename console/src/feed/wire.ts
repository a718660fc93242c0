export type { CallState, CallSummary } from '../../../src/calls/summary.ts';
export type { EndedBody } from '../../../src/http/ended-body.ts';
