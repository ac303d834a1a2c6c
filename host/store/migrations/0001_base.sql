-- Entities as they are after processing, without the relations that others give them.
CREATE TABLE entities (
    id          INTEGER PRIMARY KEY,
    entity_ref  TEXT NOT NULL UNIQUE,
    uid         TEXT NOT NULL UNIQUE,
    source      TEXT NOT NULL,
    origin      TEXT NOT NULL,
    raw_hash    TEXT NOT NULL,
    signature   TEXT NOT NULL,
    body        TEXT NOT NULL,
    relations   TEXT NOT NULL,
    diagnostics TEXT NOT NULL,
    outcomes    TEXT
) STRICT;
CREATE INDEX entities_by_source ON entities (source);

-- What was read: one row for every file or address.
CREATE TABLE sources (
    location TEXT PRIMARY KEY,
    origin   TEXT NOT NULL,
    state    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Locations that were registered while serving; configured ones are not kept here.
CREATE TABLE locations (
    id         TEXT PRIMARY KEY,
    type       TEXT NOT NULL,
    target     TEXT NOT NULL,
    optional   INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    UNIQUE (type, target)
) STRICT;

CREATE TABLE tasks (
    id           TEXT PRIMARY KEY,
    spec         TEXT NOT NULL,
    status       TEXT NOT NULL,
    template_ref TEXT,
    created_at   INTEGER NOT NULL,
    created_by   TEXT,
    heartbeat_at INTEGER,
    claimed_by   TEXT,
    effects      TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX tasks_by_time ON tasks (created_at, id);
CREATE INDEX tasks_by_status ON tasks (status, created_at);
CREATE INDEX tasks_by_creator ON tasks (created_by, created_at);

CREATE TABLE task_events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    task_id    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    kind       TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    body       TEXT NOT NULL
) STRICT;
CREATE INDEX task_events_by_task ON task_events (task_id, id);

-- What each step of a task left behind, so that a task can go on where it stopped.
CREATE TABLE task_steps (
    task_id    TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
    step_id    TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    entry      TEXT NOT NULL,
    PRIMARY KEY (task_id, step_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE plugin_values (
    plugin     TEXT NOT NULL,
    key        TEXT NOT NULL,
    value      BLOB NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (plugin, key)
) STRICT;
CREATE INDEX plugin_values_by_expiry ON plugin_values (plugin, expires_at) WHERE expires_at IS NOT NULL;

-- Bytes of keys and values of each plugin, kept with every change.
CREATE TABLE plugin_usage (
    plugin TEXT PRIMARY KEY,
    bytes  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What plugin files said of themselves, by the hash of the file and what it was asked by.
CREATE TABLE plugin_descriptions (
    sha256      TEXT NOT NULL,
    asked_by    TEXT NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (sha256, asked_by)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit_log (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    action  TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail  TEXT
) STRICT;
