-- The docket on PostgreSQL: the same tables as on SQLite. Keys are sequence numbers given by the one committer; unique
-- keys begin with the UTC day, so their indexes grow at the end. Texts that are compared or ordered are in byte order.

-- One row an act: what was committed whole. `key` is the idempotency key (20 bytes).
CREATE TABLE act (n bigint PRIMARY KEY, key bytea NOT NULL UNIQUE);

-- One row a decision, never updated. `private` is JSON, sealed with the subject's key where there is a subject.
CREATE TABLE decision (
  n bigint PRIMARY KEY,
  act bigint NOT NULL,
  day integer NOT NULL,             -- days since 1970, UTC
  decided_at bigint NOT NULL,       -- microseconds since 1970, UTC
  item text NOT NULL,
  action text NOT NULL,
  entry bigint,                     -- leaf index of its public entry
  ground text NOT NULL,
  reference text NOT NULL,
  category text NOT NULL,
  keyword text,
  source text NOT NULL,
  automated_detection boolean NOT NULL,
  automation text NOT NULL,
  language text,
  territory text NOT NULL,
  rule text NOT NULL,
  edition text NOT NULL,
  replayed boolean NOT NULL,
  reverses bigint,
  content_sha256 bytea NOT NULL,
  subject bytea,                    -- keyed hash of the subject's id
  private bytea NOT NULL
);
CREATE INDEX decision_of_day ON decision (day, n);

-- One row an item that waits for a person.
CREATE TABLE case_ (
  n bigint PRIMARY KEY,
  act bigint NOT NULL,
  opened_at bigint NOT NULL,
  item text NOT NULL,
  category text NOT NULL,
  keyword text,
  language text,
  rule text NOT NULL,
  edition text NOT NULL,
  content_sha256 bytea NOT NULL,
  subject bytea,
  private bytea NOT NULL
);

-- Public log entries in commit order: `n` is the leaf's index, from 0, without gaps.
CREATE TABLE entry (n bigint PRIMARY KEY, act bigint NOT NULL, body bytea NOT NULL);

-- What the outside must be told or do.
CREATE TABLE effect (
  n bigint PRIMARY KEY,
  act bigint NOT NULL,
  key bytea NOT NULL UNIQUE,
  kind text NOT NULL,
  subject bytea,
  body bytea NOT NULL
);

-- One row a thing received, said or done. `body` is sealed with the subject's key where there is a subject.
CREATE TABLE record (
  n bigint PRIMARY KEY,
  act bigint NOT NULL,
  kind text NOT NULL,
  stream bytea NOT NULL,            -- what it belongs to: 20 bytes, the day first
  at bigint NOT NULL,               -- microseconds since 1970, UTC
  subject bytea,
  body bytea NOT NULL
);
CREATE INDEX record_of_stream ON record (stream, n);
CREATE INDEX record_of_act ON record (act);

-- Views kept in order: queues and indexes. Pages read ranges of it and sort nothing.
CREATE TABLE place (
  view text COLLATE "C" NOT NULL,
  sort bytea NOT NULL,
  stream bytea NOT NULL,
  label bytea NOT NULL,
  PRIMARY KEY (view, sort)
);

-- Counts kept up with the acts.
CREATE TABLE tally (name text COLLATE "C" PRIMARY KEY, value bigint NOT NULL);

-- Versions of facts that acts rely on.
CREATE TABLE fact (name text COLLATE "C" PRIMARY KEY, version bigint NOT NULL);

-- Decisions counted by day, kept up in the same transaction.
CREATE TABLE day_count (
  day integer NOT NULL,
  category text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  decisions bigint NOT NULL,
  PRIMARY KEY (day, category, action)
);

-- The newest head that may have been signed.
CREATE TABLE log_head (id smallint PRIMARY KEY CHECK (id = 1), size bigint NOT NULL, root bytea NOT NULL);

-- Subjects' keys, wrapped by the master key. Deleting a row erases the subject.
CREATE TABLE subject_key (subject bytea PRIMARY KEY, wrapped bytea NOT NULL);
