-- Changes of who may do what. The newest has all that holds: people with hashes of their passwords, keys by their hashes.
CREATE TABLE amendments (
    number INTEGER NOT NULL PRIMARY KEY,
    at_ms  INTEGER NOT NULL,
    by     TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    roster TEXT
) STRICT;

-- An old password's hash has nothing to do here any more.
CREATE TRIGGER only_the_newest_roster_is_kept AFTER INSERT ON amendments BEGIN
    UPDATE amendments SET roster = NULL WHERE number < NEW.number AND roster IS NOT NULL;
END;

CREATE TABLE key_uses (
    key   TEXT    NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
