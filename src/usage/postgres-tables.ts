/** What brings the tables from step n, the index, to n + 1. Never change one: add another. */
export const POSTGRES_MIGRATIONS: readonly string[] = [
  `CREATE TABLE calls (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL,
    created BIGINT NOT NULL,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT,
    outcome TEXT NOT NULL,
    status BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    prompt_tokens BIGINT,
    cached_tokens BIGINT,
    completion_tokens BIGINT,
    reasoning_tokens BIGINT,
    usage_source TEXT,
    cost_usd DOUBLE PRECISION,
    cost_source TEXT,
    ttft_ms DOUBLE PRECISION,
    latency_ms DOUBLE PRECISION,
    finish_reason TEXT,
    error_code TEXT,
    wasted_tokens BIGINT NOT NULL,
    wasted_cost_usd DOUBLE PRECISION,
    path TEXT NOT NULL,
    request_bytes BIGINT,
    response_bytes BIGINT,
    rescue TEXT,
    requested_model TEXT,
    "user" TEXT,
    metadata TEXT
  );
  CREATE INDEX calls_created ON calls (created, seq);
  CREATE INDEX calls_key_created ON calls (key, created, seq);
  CREATE INDEX errors_created ON calls (created, seq) WHERE error_code IS NOT NULL;
  CREATE INDEX errors_key_created ON calls (key, created, seq) WHERE error_code IS NOT NULL;
  CREATE TABLE attempts (
    call_seq BIGINT NOT NULL REFERENCES calls ON DELETE CASCADE,
    number BIGINT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    started_ms BIGINT NOT NULL,
    ttft_ms DOUBLE PRECISION,
    duration_ms DOUBLE PRECISION,
    rescue TEXT,
    kind TEXT,
    status BIGINT,
    message TEXT,
    PRIMARY KEY (call_seq, number)
  );
  CREATE TABLE batches (id TEXT PRIMARY KEY, at BIGINT NOT NULL);`,
  `ALTER TABLE calls ADD COLUMN key_hash TEXT;
  ALTER TABLE calls ADD COLUMN org TEXT;
  CREATE INDEX calls_hash_created ON calls (key_hash, created, seq) WHERE key_hash IS NOT NULL;
  CREATE INDEX calls_org_created ON calls (org, created, seq) WHERE org IS NOT NULL`,
  // Rows are locked in the order of their bytes, as the gateway counts them, whatever the language of the database.
  `CREATE TABLE spend (
    scope TEXT COLLATE "C" NOT NULL,
    win TEXT COLLATE "C" NOT NULL,
    nano BIGINT NOT NULL,
    calls BIGINT NOT NULL,
    tokens BIGINT NOT NULL,
    PRIMARY KEY (scope, win)
  )`,
  'ALTER TABLE calls ADD COLUMN dropped_params TEXT',
  // A call is looked for by its id among all that are kept.
  'CREATE INDEX calls_id_created ON calls (id, created, seq)',
];
