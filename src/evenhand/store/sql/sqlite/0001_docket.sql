-- The docket on SQLite. Keys are sequence numbers; unique keys begin with the UTC day, so their indexes grow at the end.

-- One row an act: what was committed whole. `key` is the idempotency key (20 bytes).
CREATE TABLE act (n INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE);

-- One row a decision, never updated. `private` is JSON, sealed with the subject's key where there is a subject.
CREATE TABLE decision (
  n INTEGER PRIMARY KEY,
  act INTEGER NOT NULL,
  day INTEGER NOT NULL,             -- days since 1970, UTC
  decided_at INTEGER NOT NULL,      -- microseconds since 1970, UTC
  item TEXT NOT NULL,
  action TEXT NOT NULL,
  entry INTEGER,                    -- leaf index of its public entry
  ground TEXT NOT NULL,
  reference TEXT NOT NULL,
  category TEXT NOT NULL,
  keyword TEXT,
  source TEXT NOT NULL,
  automated_detection INTEGER NOT NULL,
  automation TEXT NOT NULL,
  language TEXT,
  territory TEXT NOT NULL,
  rule TEXT NOT NULL,
  edition TEXT NOT NULL,
  replayed INTEGER NOT NULL,
  reverses INTEGER,
  content_sha256 BLOB NOT NULL,
  subject BLOB,                     -- keyed hash of the subject's id
  private BLOB NOT NULL
);
CREATE INDEX decision_of_day ON decision (day, n);

-- One row an item that waits for a person.
CREATE TABLE case_ (
  n INTEGER PRIMARY KEY,
  act INTEGER NOT NULL,
  opened_at INTEGER NOT NULL,
  item TEXT NOT NULL,
  category TEXT NOT NULL,
  keyword TEXT,
  language TEXT,
  rule TEXT NOT NULL,
  edition TEXT NOT NULL,
  content_sha256 BLOB NOT NULL,
  subject BLOB,
  private BLOB NOT NULL
);

-- Public log entries in commit order: `n` is the leaf's index, from 0, without gaps.
CREATE TABLE entry (n INTEGER PRIMARY KEY, act INTEGER NOT NULL, body BLOB NOT NULL);

-- What the outside must be told or do.
CREATE TABLE effect (
  n INTEGER PRIMARY KEY,
  act INTEGER NOT NULL,
  key BLOB NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  subject BLOB,
  body BLOB NOT NULL
);

-- One row a thing received, said or done. `body` is sealed with the subject's key where there is a subject.
CREATE TABLE record (
  n INTEGER PRIMARY KEY,
  act INTEGER NOT NULL,
  kind TEXT NOT NULL,
  stream BLOB NOT NULL,             -- what it belongs to: 20 bytes, the day first
  at INTEGER NOT NULL,              -- microseconds since 1970, UTC
  subject BLOB,
  body BLOB NOT NULL
);
CREATE INDEX record_of_stream ON record (stream, n);
CREATE INDEX record_of_act ON record (act);

-- Views kept in order: queues and indexes. Pages read ranges of it and sort nothing.
CREATE TABLE place (
  view TEXT NOT NULL,
  sort BLOB NOT NULL,
  stream BLOB NOT NULL,
  label BLOB NOT NULL,
  PRIMARY KEY (view, sort)
) WITHOUT ROWID;

-- Counts kept up with the acts.
CREATE TABLE tally (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;

-- Versions of facts that acts rely on.
CREATE TABLE fact (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;

-- Decisions counted by day, kept up in the same transaction.
CREATE TABLE day_count (
  day INTEGER NOT NULL,
  category TEXT NOT NULL,
  action TEXT NOT NULL,
  decisions INTEGER NOT NULL,
  PRIMARY KEY (day, category, action)
) WITHOUT ROWID;

-- The newest head that may have been signed.
CREATE TABLE log_head (id INTEGER PRIMARY KEY CHECK (id = 1), size INTEGER NOT NULL, root BLOB NOT NULL);

-- Subjects' keys, wrapped by the master key. Deleting a row erases the subject.
CREATE TABLE subject_key (subject BLOB PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
