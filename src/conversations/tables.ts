/**
 * JSON is text: `jsonb` reorders keys and rewrites numbers. Times are milliseconds since the epoch. Of a response that its provider
 * keeps, `provider`, `provider_key` and `provider_id` say where it is: by whose key, and under which id.
 */
const TABLES = `
CREATE TABLE threads (
  id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, kind TEXT NOT NULL,
  fork_of TEXT, fork_turn BIGINT,
  metadata TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, expires_at BIGINT,
  bytes BIGINT NOT NULL, items BIGINT NOT NULL, next_turn BIGINT NOT NULL,
  locked_by TEXT, locked_until BIGINT
);
CREATE INDEX threads_by_activity ON threads (owner, kind, updated_at, id);
CREATE INDEX threads_by_expiry ON threads (expires_at);
CREATE INDEX conversations_by_activity ON threads (updated_at) WHERE kind = 'conversation';
CREATE TABLE responses (
  id TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, client_key TEXT NOT NULL,
  thread TEXT, turn BIGINT,
  status TEXT NOT NULL, is_background BIGINT NOT NULL, is_streamed BIGINT NOT NULL,
  created_at BIGINT NOT NULL, completed_at BIGINT, expires_at BIGINT,
  body TEXT NOT NULL, output TEXT,
  worker TEXT, lease_until BIGINT,
  provider TEXT, provider_key TEXT, provider_id TEXT
);
CREATE UNIQUE INDEX responses_by_turn ON responses (thread, turn);
CREATE INDEX responses_erased ON responses (thread, turn) WHERE status = 'deleted';
CREATE INDEX responses_by_expiry ON responses (expires_at);
CREATE INDEX responses_by_lease ON responses (status, lease_until);
CREATE TABLE asked (
  response TEXT NOT NULL PRIMARY KEY, owner TEXT NOT NULL, after_thread TEXT, after_turn BIGINT,
  items BIGINT NOT NULL, blobs TEXT, input TEXT NOT NULL
);
CREATE INDEX asked_behind ON asked (after_thread);
CREATE TABLE events (
  response TEXT NOT NULL, seq BIGINT NOT NULL, owner TEXT NOT NULL, data TEXT NOT NULL, expires_at BIGINT NOT NULL,
  PRIMARY KEY (response, seq)
);
CREATE INDEX events_by_expiry ON events (expires_at);
`;

/**
 * `bytes` is the size of an item as it came. Of one whose data is in `blobs`, `blobs` has the names of these. Not clustered: SQLite
 * gives each body that is larger than a quarter of a page pages of its own then, and a file of three times the size.
 */
const ITEMS = `
CREATE TABLE items (
  thread TEXT NOT NULL, turn BIGINT NOT NULL, part BIGINT NOT NULL, seq BIGINT NOT NULL,
  owner TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, bytes BIGINT NOT NULL, blobs TEXT,
  provider_state TEXT, body TEXT NOT NULL,
  PRIMARY KEY (thread, turn, part, seq)
);
CREATE INDEX items_by_id ON items (owner, id);
CREATE INDEX items_of_type ON items (thread, type, turn);
CREATE INDEX items_with_blobs ON items (thread, turn) WHERE blobs IS NOT NULL;
CREATE TABLE blobs (
  owner TEXT NOT NULL, sha256 TEXT NOT NULL, bytes BIGINT NOT NULL, refs BIGINT NOT NULL, data TEXT NOT NULL,
  PRIMARY KEY (owner, sha256)
);
`;

const WORDS = `
CREATE TABLE words (
  text TEXT NOT NULL, owner TEXT NOT NULL, thread TEXT NOT NULL, item TEXT NOT NULL`;

/** Steps for SQLite: BIGINT there has the affinity of an integer. Words are found by FTS5. */
export const SQLITE_STEPS: readonly string[] = [
  `${TABLES}${ITEMS}
${WORDS}
);
CREATE INDEX words_by_thread ON words (thread, item);
CREATE VIRTUAL TABLE word_index USING fts5 (
  text, content = 'words', content_rowid = 'rowid', tokenize = "unicode61 remove_diacritics 0"
);
CREATE TRIGGER words_added AFTER INSERT ON words BEGIN
  INSERT INTO word_index (rowid, text) VALUES (new.rowid, new.text);
END;
CREATE TRIGGER words_removed AFTER DELETE ON words BEGIN
  INSERT INTO word_index (word_index, rowid, text) VALUES ('delete', old.rowid, old.text);
END;`,
];

/** Steps for Postgres. */
export const POSTGRES_STEPS: readonly string[] = [
  `${TABLES}${ITEMS}
${WORDS},
  tokens TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', left(text, 200000))) STORED
);
CREATE INDEX words_by_token ON words USING gin (tokens);
CREATE INDEX words_by_thread ON words (thread, item);`,
];
