export type { CallState, CallSummary } from '../../../src/calls/summary.ts';
export type { EndedBody } from '../../../src/http/ended-body.ts';
export type { ModelObject } from '../../../src/http/model-list.ts';
export type { HealthBody } from '../../../src/http/operations.ts';
export type { CallTotals, GoalCheck, Goals } from '../../../src/observe/performance-report.ts';
export type { PerformanceReport } from '../../../src/observe/recent-calls.ts';
