import { getJson } from './client.ts';
import type { AuditBody } from './wire.ts';

/** A part of the audit, the newest entry first. */
export interface AuditPage {
  readonly data: readonly AuditBody[];
  readonly next_cursor: string | null;
}

/** As many as are seen at once. */
const PAGE_SIZE = 50;

/** What was done to keys and organisations within the viewer's reach. @param subject a hash or an id; empty for all @param after the cursor of the page before; null for the newest @throws ApiError */
export function listAudit(subject: string, after: string | null, abort?: AbortSignal): Promise<AuditPage> {
  const query = new URLSearchParams({ subject, after: after ?? '', limit: String(PAGE_SIZE) });
  return getJson(`/v1/audit?${query}`, abort);
}
