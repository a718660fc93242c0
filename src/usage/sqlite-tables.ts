/** What brings the tables from step n, the index, to n + 1. Never change one: add another. */
export const SQLITE_MIGRATIONS: readonly string[] = [
  `CREATE TABLE calls (
    seq INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    created INTEGER NOT NULL,
    key TEXT NOT NULL,
    model TEXT NOT NULL,
    provider TEXT,
    outcome TEXT NOT NULL,
    status INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    prompt_tokens INTEGER,
    cached_tokens INTEGER,
    completion_tokens INTEGER,
    reasoning_tokens INTEGER,
    usage_source TEXT,
    cost_usd REAL,
    cost_source TEXT,
    ttft_ms REAL,
    latency_ms REAL,
    finish_reason TEXT,
    error_code TEXT,
    wasted_tokens INTEGER NOT NULL,
    wasted_cost_usd REAL
  ) STRICT;
  CREATE INDEX calls_created ON calls (created);`,
  // What one key may see is found without a look at what the others did. It adds 20 bytes to a record.
  'CREATE INDEX calls_key_created ON calls (key, created)',
  `ALTER TABLE calls ADD COLUMN path TEXT NOT NULL DEFAULT '/v1/chat/completions';
  ALTER TABLE calls ADD COLUMN request_bytes INTEGER;
  ALTER TABLE calls ADD COLUMN response_bytes INTEGER;`,
  'ALTER TABLE calls ADD COLUMN rescue TEXT',
  // What failed is found among all that did not, and what did not adds nothing to these indexes.
  // Attempts go with their call by a trigger: a reference does that only in programs that switch it on, and a number is
  // given again once the last call is gone.
  `ALTER TABLE calls ADD COLUMN requested_model TEXT;
  ALTER TABLE calls ADD COLUMN user TEXT;
  ALTER TABLE calls ADD COLUMN metadata TEXT;
  CREATE TABLE attempts (
    call_seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    model TEXT NOT NULL,
    provider TEXT NOT NULL,
    started_ms INTEGER NOT NULL,
    ttft_ms REAL,
    duration_ms REAL,
    rescue TEXT,
    kind TEXT,
    status INTEGER,
    message TEXT,
    PRIMARY KEY (call_seq, number)
  ) STRICT, WITHOUT ROWID;
  CREATE TRIGGER attempts_of_call AFTER DELETE ON calls BEGIN DELETE FROM attempts WHERE call_seq = old.seq; END;
  CREATE INDEX errors_created ON calls (created) WHERE error_code IS NOT NULL;
  CREATE INDEX errors_key_created ON calls (key, created) WHERE error_code IS NOT NULL;`,
  'CREATE TABLE batches (id TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID',
  // Most calls of most gateways are of keys of the file, and for no organisation: they have no place in these indexes.
  `ALTER TABLE calls ADD COLUMN key_hash TEXT;
  ALTER TABLE calls ADD COLUMN org TEXT;
  CREATE INDEX calls_hash_created ON calls (key_hash, created) WHERE key_hash IS NOT NULL;
  CREATE INDEX calls_org_created ON calls (org, created) WHERE org IS NOT NULL`,
  // What is found together lies together: the windows of one scope.
  `CREATE TABLE spend (
    scope TEXT NOT NULL,
    win TEXT NOT NULL,
    nano INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    PRIMARY KEY (scope, win)
  ) STRICT, WITHOUT ROWID`,
  'ALTER TABLE calls ADD COLUMN dropped_params TEXT',
  // A call is looked for by its id among all that are kept. With the time behind it the newest comes first unsorted, which
  // makes SQLite take this index and not that of the key.
  'CREATE INDEX calls_id_created ON calls (id, created)',
];
