-- Changes of the settings, each with all that held from then on.
CREATE TABLE settings (
    number  INTEGER PRIMARY KEY,
    body    TEXT NOT NULL,
    version INTEGER NOT NULL
) STRICT;
