-- "Rebo": the mark by which the file is known to be ours.
PRAGMA application_id = 1382376047;

CREATE TABLE journal (
    seq      INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms    INTEGER NOT NULL,
    target   TEXT,
    incident INTEGER,
    kind     TEXT NOT NULL,
    body     TEXT NOT NULL,
    version  INTEGER NOT NULL
) STRICT;

-- For pruning by age.
CREATE INDEX journal_by_time ON journal (at_ms);

CREATE TABLE state (
    key     TEXT PRIMARY KEY NOT NULL,
    body    TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;

CREATE TABLE incidents (
    id           INTEGER PRIMARY KEY,
    target       TEXT NOT NULL,
    opened_at_ms INTEGER NOT NULL,
    closed_at_ms INTEGER,
    severity     TEXT NOT NULL,
    body         TEXT NOT NULL,
    version      INTEGER NOT NULL
) STRICT;

-- At most one open incident per target.
CREATE UNIQUE INDEX incidents_open ON incidents (target) WHERE closed_at_ms IS NULL;

CREATE TABLE alerts (
    id           INTEGER PRIMARY KEY,
    at_ms        INTEGER NOT NULL,
    severity     TEXT NOT NULL,
    target       TEXT,
    acknowledged INTEGER NOT NULL CHECK (acknowledged IN (0, 1)),
    body         TEXT NOT NULL,
    version      INTEGER NOT NULL
) STRICT;

-- An index ends with the row's id, so each of these also gives the order.
CREATE INDEX alerts_by_severity ON alerts (severity);
CREATE INDEX alerts_by_target ON alerts (target);
CREATE INDEX alerts_not_acknowledged ON alerts (acknowledged) WHERE acknowledged = 0;
