PRAGMA application_id = 0x5265624C;

-- Earlier versions kept ids of sessions as they are, for whoever reads the file.
DROP TABLE IF EXISTS tower_sessions;

CREATE TABLE sessions (
    key        TEXT    NOT NULL PRIMARY KEY,
    data       TEXT    NOT NULL,
    ends_at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Hashes of passwords; earlier versions have it already.
CREATE TABLE IF NOT EXISTS login (
    username TEXT PRIMARY KEY,
    hash     TEXT NOT NULL
) STRICT;
