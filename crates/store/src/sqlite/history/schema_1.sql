PRAGMA application_id = 0x52656248;

-- An hour of a series as one run saw it, with its minutes packed. In the order in which it is read.
CREATE TABLE rollups (
    target     TEXT    NOT NULL,
    series     TEXT    NOT NULL,
    hour_ms    INTEGER NOT NULL,
    writer     INTEGER NOT NULL,
    count      INTEGER NOT NULL,
    min        REAL    NOT NULL,
    max        REAL    NOT NULL,
    sum        REAL    NOT NULL,
    last       REAL    NOT NULL,
    last_at_ms INTEGER NOT NULL,
    trouble_at REAL,
    sketch     BLOB,
    minutes    BLOB,
    PRIMARY KEY (target, series, hour_ms, writer)
) STRICT, WITHOUT ROWID;

-- A day of a target: its time in each state, and the same by the hour, packed. Days first: pages ask for all targets at once.
CREATE TABLE uptime (
    day_ms           INTEGER NOT NULL,
    target           TEXT    NOT NULL,
    covered_ms       INTEGER NOT NULL,
    up_ms            INTEGER NOT NULL,
    degraded_ms      INTEGER NOT NULL,
    down_ms          INTEGER NOT NULL,
    unknown_ms       INTEGER NOT NULL,
    maintenance_ms   INTEGER NOT NULL,
    market_closed_ms INTEGER NOT NULL,
    hours            BLOB    NOT NULL,
    PRIMARY KEY (day_ms, target)
) STRICT, WITHOUT ROWID;

-- What was seen, packed. An empty target is Rebound's own network.
CREATE TABLE recordings (
    id      INTEGER PRIMARY KEY,
    target  TEXT    NOT NULL,
    from_ms INTEGER NOT NULL,
    to_ms   INTEGER NOT NULL,
    writer  INTEGER NOT NULL,
    count   INTEGER NOT NULL,
    bytes   INTEGER NOT NULL,
    packed  BLOB    NOT NULL,
    UNIQUE (target, from_ms, writer)
) STRICT;

-- Retention goes by age and by size, without a look at what is packed.
CREATE INDEX recordings_by_age ON recordings (to_ms, bytes);

-- How far retention has come.
CREATE TABLE marks (
    name  TEXT    NOT NULL PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
