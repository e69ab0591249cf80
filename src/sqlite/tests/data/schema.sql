CREATE TABLE active_images (
    role TEXT NOT NULL PRIMARY KEY,
    image TEXT NOT NULL
);

CREATE TABLE activities (
    arn TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    encryption TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    tags TEXT NOT NULL
);

CREATE TABLE bake_events (
    bake TEXT NOT NULL REFERENCES bakes (id) ON DELETE CASCADE,
    attempt BIGINT NOT NULL CHECK (attempt >= 1),
    sequence BIGINT NOT NULL CHECK (sequence >= 1),
    category TEXT NOT NULL,
    time_us BIGINT NOT NULL,
    step TEXT NOT NULL,
    message TEXT NOT NULL,
    data TEXT NOT NULL,
    final BIGINT NOT NULL CHECK (final IN (0, 1)),
    PRIMARY KEY (bake, attempt, sequence)
);

CREATE TABLE bakes (
    id TEXT NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL
        CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
    holder TEXT NOT NULL,
    job TEXT NOT NULL,
    parent TEXT NOT NULL,
    image TEXT,
    request TEXT NOT NULL,
    result TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    ended_us BIGINT,
    attempt BIGINT NOT NULL CHECK (attempt >= 0),
    queue TEXT NOT NULL,
    same_as TEXT,
    note TEXT NOT NULL,
    CHECK ((state IN ('queued', 'running')) = (ended_us IS NULL))
);

CREATE INDEX bakes_by_age ON bakes (created_us, id);

CREATE INDEX bakes_by_key ON bakes (key, state, created_us, id);

CREATE INDEX bakes_by_name ON bakes (name, created_us, id);

CREATE INDEX bakes_by_state ON bakes (state, created_us, id);

CREATE UNIQUE INDEX bakes_running ON bakes (key) WHERE state = 'running' AND same_as IS NULL;

CREATE TABLE checkpoints (
    key TEXT NOT NULL PRIMARY KEY,
    snapshot TEXT NOT NULL,
    commands BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    used_us BIGINT NOT NULL,
    bake TEXT
);

CREATE INDEX checkpoints_by_use ON checkpoints (used_us, key);

CREATE TABLE executions (
    number INTEGER NOT NULL PRIMARY KEY,
    arn TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    machine TEXT NOT NULL,
    version TEXT NOT NULL,
    alias TEXT NOT NULL,
    revision BIGINT NOT NULL,
    map_run TEXT NOT NULL,
    map_index BIGINT NOT NULL,
    status TEXT NOT NULL,
    redrives BIGINT NOT NULL,
    role TEXT NOT NULL,
    started_us BIGINT NOT NULL,
    stopped_us BIGINT,
    input TEXT NOT NULL,
    output TEXT NOT NULL,
    error TEXT,
    cause TEXT,
    more BYTEA NOT NULL
);

CREATE INDEX executions_by_alias ON executions (alias, number) WHERE alias <> '';

CREATE INDEX executions_by_machine ON executions (machine, number);

CREATE INDEX executions_by_map_index ON executions (map_run, map_index, number) WHERE map_run <> '';

CREATE INDEX executions_by_map_run ON executions (map_run, number) WHERE map_run <> '';

CREATE INDEX executions_by_status ON executions (machine, status, number);

CREATE INDEX executions_by_version ON executions (version, number) WHERE version <> '';

CREATE INDEX executions_ended ON executions (stopped_us, number) WHERE stopped_us IS NOT NULL;

CREATE INDEX executions_open ON executions (number, arn) WHERE stopped_us IS NULL;

CREATE TABLE flow_bodies (
    key INTEGER NOT NULL PRIMARY KEY,
    body BYTEA NOT NULL
);

CREATE TABLE flow_frames (
    key INTEGER NOT NULL PRIMARY KEY,
    waiting BIGINT NOT NULL CHECK (waiting IN (0, 1)),
    wakes_us BIGINT,
    waits_for TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    head BYTEA NOT NULL
);

CREATE INDEX flow_frames_waiting ON flow_frames (key, wakes_us, waits_for, since_us)
    WHERE waiting = 1;

CREATE TABLE flow_history (
    key INTEGER NOT NULL PRIMARY KEY,
    last BIGINT NOT NULL,
    events BYTEA NOT NULL
);

CREATE TABLE images (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    architecture TEXT NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'available', 'failed')),
    root_snapshot TEXT NOT NULL REFERENCES snapshots (id),
    size_bytes BIGINT NOT NULL,
    parent TEXT,
    bake TEXT,
    bake_key TEXT NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE INDEX images_by_age ON images (created_us, id);

CREATE INDEX images_by_snapshot ON images (root_snapshot);

CREATE TABLE init_scripts (
    build TEXT NOT NULL PRIMARY KEY,
    digest TEXT NOT NULL,
    secret TEXT NOT NULL,
    script TEXT NOT NULL,
    expires_us BIGINT NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE TABLE instance_builds (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL CHECK (revision >= 1),
    state TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    open BIGINT NOT NULL CHECK (open IN (0, 1)),
    document TEXT NOT NULL
);

CREATE INDEX instance_builds_by_age ON instance_builds (created_us, id);

CREATE INDEX instance_builds_by_open ON instance_builds (open, created_us, id);

CREATE INDEX instance_builds_by_state ON instance_builds (state, created_us, id);

CREATE TABLE instance_groups (
    id TEXT NOT NULL PRIMARY KEY,
    revision BIGINT NOT NULL CHECK (revision >= 1),
    created_us BIGINT NOT NULL,
    document TEXT NOT NULL
);

CREATE TABLE instance_notes (
    id TEXT NOT NULL PRIMARY KEY,
    build TEXT NOT NULL,
    launched_us BIGINT NOT NULL,
    gone_us BIGINT,
    reason TEXT NOT NULL,
    expected_state TEXT NOT NULL,
    life_cycle TEXT NOT NULL
);

CREATE INDEX instance_notes_by_build ON instance_notes (build, id);

CREATE INDEX instance_notes_live ON instance_notes (id) WHERE gone_us IS NULL;

CREATE TABLE instances (
    id TEXT NOT NULL PRIMARY KEY,
    place BIGINT NOT NULL UNIQUE,
    revision BIGINT NOT NULL,
    state TEXT NOT NULL,
    client_token TEXT NOT NULL,
    private_ip TEXT NOT NULL,
    facts TEXT NOT NULL
);

CREATE INDEX instances_by_token ON instances (client_token);

CREATE TABLE key_pairs (
    name TEXT NOT NULL PRIMARY KEY,
    public_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_us BIGINT NOT NULL
);

CREATE TABLE layers (
    id TEXT NOT NULL PRIMARY KEY,
    backing TEXT REFERENCES layers (id),
    virtual_bytes BIGINT NOT NULL,
    frozen BIGINT NOT NULL CHECK (frozen IN (0, 1)),
    depth BIGINT NOT NULL CHECK (depth >= 1),
    created_us BIGINT NOT NULL
);

CREATE INDEX layers_by_backing ON layers (backing);

CREATE TABLE ledger (
    sequence BIGINT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    job TEXT NOT NULL,
    holder TEXT NOT NULL,
    since_us BIGINT NOT NULL,
    UNIQUE (job, kind, name)
);

CREATE INDEX ledger_by_holder ON ledger (holder);

CREATE TABLE machine_aliases (
    machine TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    routes TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    updated_us BIGINT NOT NULL,
    PRIMARY KEY (machine, name)
);

CREATE TABLE machine_revisions (
    number BIGINT NOT NULL PRIMARY KEY,
    machine TEXT NOT NULL,
    id TEXT NOT NULL,
    digest TEXT NOT NULL,
    role TEXT NOT NULL,
    logging TEXT NOT NULL,
    tracing TEXT NOT NULL,
    encryption TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    retired_us BIGINT,
    definition TEXT NOT NULL
);

CREATE INDEX machine_revisions_by_retired ON machine_revisions (retired_us, number);

CREATE TABLE machine_versions (
    machine TEXT NOT NULL,
    number BIGINT NOT NULL,
    revision BIGINT NOT NULL,
    description TEXT,
    created_us BIGINT NOT NULL,
    PRIMARY KEY (machine, number)
);

CREATE TABLE machines (
    arn TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    status TEXT NOT NULL,
    revision BIGINT NOT NULL,
    last_version BIGINT NOT NULL,
    created_us BIGINT NOT NULL,
    tags TEXT NOT NULL
);

CREATE TABLE map_run_items (
    arn TEXT NOT NULL PRIMARY KEY,
    items BYTEA NOT NULL
);

CREATE TABLE map_runs (
    arn TEXT NOT NULL PRIMARY KEY,
    execution BIGINT NOT NULL,
    frame BIGINT NOT NULL,
    task BIGINT NOT NULL,
    status TEXT NOT NULL,
    started_us BIGINT NOT NULL,
    stopped_us BIGINT,
    head BYTEA NOT NULL
);

CREATE INDEX map_runs_by_execution ON map_runs (execution, task);

CREATE INDEX map_runs_open ON map_runs (execution, task) WHERE stopped_us IS NULL;

CREATE TABLE notifications (
    number INTEGER NOT NULL PRIMARY KEY,
    key TEXT NOT NULL,
    channel TEXT NOT NULL,
    kind TEXT NOT NULL,
    event TEXT NOT NULL,
    created_us BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'failed')),
    due_us BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    error TEXT NOT NULL,
    ended_us BIGINT,
    UNIQUE (key, channel)
);

CREATE INDEX notifications_ended ON notifications (ended_us) WHERE ended_us IS NOT NULL;

CREATE INDEX notifications_waiting ON notifications (channel, due_us, number)
    WHERE state = 'waiting';

CREATE TABLE queue_bodies (
    key INTEGER NOT NULL PRIMARY KEY,
    id TEXT NOT NULL,
    sent_us BIGINT NOT NULL,
    sender TEXT NOT NULL,
    attributes TEXT,
    message_group TEXT,
    deduplication TEXT,
    trace_header TEXT,
    body TEXT NOT NULL
);

CREATE TABLE queue_deduplications (
    queue BIGINT NOT NULL,
    key TEXT NOT NULL,
    message TEXT NOT NULL,
    sequence BIGINT NOT NULL,
    until_us BIGINT NOT NULL,
    PRIMARY KEY (queue, key)
);

CREATE TABLE queue_messages (
    key INTEGER NOT NULL PRIMARY KEY,
    sent_us BIGINT NOT NULL,
    visible_us BIGINT NOT NULL,
    receives BIGINT NOT NULL,
    first_us BIGINT,
    message_group TEXT,
    origin TEXT
);

CREATE TABLE queue_moves (
    id TEXT NOT NULL PRIMARY KEY,
    queue BIGINT NOT NULL,
    task TEXT NOT NULL
);

CREATE TABLE queues (
    number BIGINT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    definition TEXT NOT NULL,
    secret TEXT NOT NULL,
    reserved BIGINT NOT NULL,
    purged BIGINT NOT NULL,
    purged_us BIGINT,
    deleted_us BIGINT
);

CREATE TABLE security_groups (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    description TEXT NOT NULL,
    ingress TEXT NOT NULL
);

CREATE TABLE shares (
    resource TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (resource, account)
);

CREATE TABLE snapshots (
    id TEXT NOT NULL PRIMARY KEY,
    layer TEXT NOT NULL REFERENCES layers (id),
    size_bytes BIGINT NOT NULL,
    stored_bytes BIGINT NOT NULL,
    description TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('pending', 'completed', 'error')),
    created_us BIGINT NOT NULL
);

CREATE INDEX snapshots_by_layer ON snapshots (layer);

CREATE TABLE tags (
    resource TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (resource, key)
);

CREATE INDEX tags_by_key ON tags (key, value, resource);

CREATE TABLE volume_cache (
    volume TEXT NOT NULL PRIMARY KEY,
    snapshot TEXT NOT NULL,
    size_bytes BIGINT,
    stored_bytes BIGINT NOT NULL,
    why TEXT NOT NULL,
    since_us BIGINT NOT NULL
);

CREATE INDEX volume_cache_by_snapshot ON volume_cache (snapshot, since_us, volume);

CREATE TABLE volumes (
    id TEXT NOT NULL PRIMARY KEY,
    layer TEXT REFERENCES layers (id),
    zone TEXT NOT NULL,
    size_bytes BIGINT NOT NULL,
    snapshot TEXT,
    state TEXT NOT NULL CHECK (state IN ('creating', 'available', 'in-use', 'deleting')),
    created_us BIGINT NOT NULL
);

CREATE INDEX volumes_by_layer ON volumes (layer);

