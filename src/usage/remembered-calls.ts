import type { EndedCall } from '../calls/ended-calls.ts';
import { toBareRecord, type UsageRecord } from './record.ts';
import type { EndedFilter, UsagePlace } from './store.ts';
import type { UsageLog } from './usage-log.ts';

/**
 * Ended calls without a usage log: those that are remembered, found by the same filters and in the same order.
 * @param ended those of one key, or with null of all
 */
export function createRememberedCalls(ended: (keyId: string | null) => readonly EndedCall[]): Pick<UsageLog, 'ended'> {
  return {
    async ended(_requester, filter, limit, after) {
      const found = ended(null)
        .map(({ number, call }) => ({ record: toBareRecord(call), seq: number }))
        .filter(({ record }) => matches(record, filter))
        .sort((one, other) => other.record.created - one.record.created || other.seq - one.seq)
        .filter(({ record, seq }) => after === null || isBehind({ created: record.created, seq }, after));
      const shown = found.slice(0, limit);
      const last = found.length > limit ? shown.at(-1) : undefined;
      return {
        records: shown.map(({ record }) => record),
        next: last === undefined ? null : { created: last.record.created, seq: last.seq },
      };
    },
  };
}

function matches(record: UsageRecord, filter: EndedFilter): boolean {
  const { id, from, to, key, org, model, provider, outcome, errorCode, slowerThanMs, eitherModel } = filter;
  return (
    (id === null || record.id === id) &&
    (from === null || record.created >= from) &&
    (to === null || record.created < to) &&
    (key === null || (record.key_hash ?? record.key) === key) &&
    (org === null || (record.org !== null && [org].flat().includes(record.org))) &&
    (model === null || record.model === model) &&
    (provider === null || record.provider === provider) &&
    (outcome === null || record.outcome === outcome) &&
    (errorCode === null || record.error_code === errorCode) &&
    (slowerThanMs === null || (record.latency_ms ?? 0) > slowerThanMs) &&
    (eitherModel === null || [record.model, record.requested_model].includes(eitherModel)) &&
    (!filter.isCostUnknown || (record.usage_source !== null && record.cost_usd === null))
  );
}

function isBehind(place: UsagePlace, after: UsagePlace): boolean {
  return place.created < after.created || (place.created === after.created && place.seq < after.seq);
}
