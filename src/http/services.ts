import type { Access } from '../access/access.ts';
import type { KeyRing } from '../access/key-ring.ts';
import type { CallTracker } from '../calls/call-tracker.ts';
import type { CallRunContext } from '../calls/run-call.ts';
import type { Config } from '../config/config.ts';
import type { Configuration } from '../config/configuration.ts';
import type { Feed } from '../observe/feed.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { RecentCalls } from '../observe/recent-calls.ts';
import type { Provider } from '../providers/provider.ts';
import type { ExplainContext } from '../routing/explain.ts';
import type { Registry } from '../routing/registry.ts';
import type { TargetState } from '../routing/routing.ts';
import type { Accounting } from '../usage/accounting.ts';
import type { SpendBook } from '../usage/spend-book.ts';
import type { UsageLog } from '../usage/usage-log.ts';
import type { Answers } from './responses/answers.ts';

/** Everything that a reload replaces as a whole; a call keeps the one it began with. */
export interface Snapshot {
  readonly config: Config;
  readonly registry: Registry;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly clientKeys: KeyRing;
}

/** What the routes need of the rest of the house, in facets: a route takes those it needs, and can touch no other. */
export interface Services {
  /** What holds now. */
  readonly snapshot: () => Snapshot;
  readonly lifecycle: Lifecycle;
  readonly calls: Calls;
  /** What a plan is made from, and explained by. */
  readonly routing: ExplainContext;
  readonly observers: Observers;
  readonly reports: Reports;
  readonly answers: Answers;
  /** Keys and organisations, managed, and the sessions of browsers. */
  readonly access: Pick<Access, 'keys' | 'orgs' | 'signIn'>;
  readonly configuration: Pick<Configuration, 'check' | 'show' | 'lastReload'>;
}

/** The process, from its start to its stop. */
export interface Lifecycle {
  readonly version: string;
  uptimeMs(): number;
  /** False from the moment the gateway begins to stop. */
  isReady(): boolean;
  /** False once it takes no new calls: `server.drain_delay` later. */
  isAccepting(): boolean;
}

/** Calls: their ids, where they are found, and what running one takes. */
export interface Calls {
  readonly newId: () => string;
  readonly tracker: CallTracker;
  /** Handed to the run of each call, whole; its clock never goes back. */
  readonly context: CallRunContext;
}

/** The observers of calls, as far as a route has to do with them. */
export interface Observers {
  /** Log, metrics and usage learn of what has ended a little later; this tells them what is waiting. */
  flush(): void;
  reportBug(error: unknown, requestId: string | null): void;
}

/** What can be asked of the calls that have ended, and of the gateway's health. */
export interface Reports {
  readonly metrics: Pick<Metrics, 'text' | 'contentType'>;
  readonly recentCalls: Omit<RecentCalls, 'callEnded'>;
  breakerStates(): readonly TargetState[];
  /** Records of the usage log that could not be written. */
  lostRecords(): number;
  /** What happens, as it happens. */
  readonly feed: Omit<Feed, 'callEnded'>;
  readonly toRecord: Accounting['toRecord'];
  /** What may be read of the usage log; null when it is switched off. */
  readonly usage: Pick<UsageLog, 'page' | 'sums'> | null;
  /** What keys and organisations have spent. */
  readonly spend: Pick<SpendBook, 'read' | 'reset' | 'counts'>;
  /** The usage log, and where it is off what is remembered. */
  readonly endedCalls: Pick<UsageLog, 'ended'>;
}
