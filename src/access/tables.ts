/**
 * Of a secret only its SHA-256 is kept: it has 256 random bits, which nobody finds by trying. JSON is text. Times are
 * milliseconds since the epoch. `access_version` counts changes: by it other processes learn that there was one.
 */
function tables(seq: string): string {
  return `
CREATE TABLE orgs (
  id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, parent_id TEXT,
  is_disabled BIGINT NOT NULL, limits TEXT NOT NULL, models TEXT, metadata TEXT NOT NULL,
  version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL
);
CREATE INDEX orgs_by_parent ON orgs (parent_id);
CREATE TABLE keys (
  hash TEXT NOT NULL PRIMARY KEY, org_id TEXT, kind TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL,
  is_disabled BIGINT NOT NULL, expires_at BIGINT, limits TEXT NOT NULL, models TEXT, routes TEXT, metadata TEXT NOT NULL,
  creator TEXT, version BIGINT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, last_used_at BIGINT
);
CREATE INDEX keys_by_age ON keys (created_at, hash);
CREATE INDEX keys_by_org ON keys (org_id, created_at);
CREATE TABLE secrets (
  digest TEXT NOT NULL PRIMARY KEY, key_hash TEXT NOT NULL, created_at BIGINT NOT NULL, expires_at BIGINT
);
CREATE INDEX secrets_by_key ON secrets (key_hash);
CREATE TABLE audit (
  seq ${seq} PRIMARY KEY, at BIGINT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, subject TEXT NOT NULL,
  org_id TEXT, change TEXT NOT NULL
);
CREATE INDEX audit_by_subject ON audit (subject, seq);
CREATE TABLE access_version (id BIGINT NOT NULL PRIMARY KEY, version BIGINT NOT NULL);
INSERT INTO access_version (id, version) VALUES (1, 0);
`;
}

/** Which teams an organisation had is looked up in an audit of any length. */
const FORMER_ORGS = "CREATE INDEX audit_of_former_orgs ON audit (org_id, subject) WHERE action = 'org.deleted'";

/** Steps for SQLite: BIGINT there has the affinity of an integer. */
export const SQLITE_ACCESS_STEPS: readonly string[] = [tables('INTEGER'), FORMER_ORGS];

/** Steps for Postgres. */
export const POSTGRES_ACCESS_STEPS: readonly string[] = [tables('BIGINT GENERATED ALWAYS AS IDENTITY'), FORMER_ORGS];
