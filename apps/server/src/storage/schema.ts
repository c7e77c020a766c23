/** The tables, as kysely sees them. Times are ISO 8601 in UTC, JSON is text, ids are random. */
import type { ConnectorKind, ServerKind, SignInWay, Tone, VersionState } from '@hanabi/protocol';
import type { AttributeKind, RunStatus } from '@hanabi/sandbox';
import type { Generated } from 'kysely';

export interface Tables {
  users: {
    id: string;
    name: string;
    /** The name as it is compared: another account may not have the same. */
    name_key: string;
    role: 'user' | 'developer' | 'admin';
    /** Empty: there is none, and no password fits. */
    password_hash: string;
    root_folder_id: string;
    /** How much the user's files may take; null: what the server's setting says. */
    storage_limit_bytes: number | null;
    created_at: string;
    /** Set: the user has no session and gets none. */
    disabled_at: string | null;
  };
  /** What all files of a user take, those in the Trash and copies included; kept in step with the table of files. */
  storage_used: { user_id: string; used_bytes: number };
  sessions: {
    token_hash: string;
    user_id: string;
    created_at: string;
    seen_at: string;
    /** What the browser called itself, and from where it came, when the session began. */
    user_agent: string;
    address: string;
    way: SignInWay;
    /** When the person last proved who they are; null: not since this is kept. */
    confirmed_at: string | null;
  };
  /** Links that make an account, or give one a new password. One that was used is deleted. */
  invitations: {
    id: string;
    token_hash: string;
    kind: 'sign-up' | 'reset';
    /** Whose password it resets. */
    user_id: string | null;
    role: 'user' | 'developer' | 'admin';
    storage_limit_bytes: number | null;
    note: string;
    created_at: string;
    expires_at: string;
    /** The administrator who made it; null: somebody on the command line. */
    created_by: string | null;
  };
  /** The authenticator app of a user. */
  totp: {
    user_id: string;
    /** Sealed with the key of this installation. */
    secret: string;
    /** The newest step of 30 s whose code was used; that one and all before it are worth nothing any more. */
    last_step: number;
    /** 0 until a code has shown that the app has the secret. */
    active: number;
    created_at: string;
  };
  /** What a user said to a permission of a module. */
  decisions: { user_id: string; module_id: string; permission: string; decision: 'allow' | 'refuse' };
  permission_uses: { user_id: string; module_id: string; permission: string; used_at: string };
  /** Accounts elsewhere that sign in here, by what their service vouches for and nobody chooses. */
  identities: {
    issuer: string;
    subject: string;
    user_id: string;
    /** What the service calls the person; only to be shown. */
    name: string;
    created_at: string;
    used_at: string | null;
  };
  passkeys: {
    /** The id of the credential, as its authenticator made it up. */
    id: string;
    user_id: string;
    /** The host that it was made for. */
    rp_id: string;
    /** COSE, in base64url. */
    public_key: string;
    /** How often its authenticator says that it was used; 0 where it does not count. */
    counter: number;
    /** JSON: how a browser reaches the authenticator. */
    transports: string;
    synced: number;
    name: string;
    created_at: string;
    used_at: string | null;
  };
  /** Those that are left. */
  recovery_codes: { user_id: string; code_hash: string };
  /** What was decided about accounts and permissions, and what used them. The database refuses to change or delete a row. */
  audit_events: {
    seq: Generated<number>;
    at: string;
    event: string;
    outcome: 'ok' | 'refused';
    /** The name of the one who did it, as it was then; empty: nobody who was signed in. */
    actor: string;
    /** Whom or what it was done to: the name of a user, or empty. */
    subject: string;
    module_id: string | null;
    module_version: string | null;
    permission: string | null;
    request_id: string | null;
    address: string | null;
    detail: string;
  };
  folders: {
    id: string;
    user_id: string;
    parent_id: string | null;
    name: string;
    /** The name as the search compares it. */
    search_name: string;
    /** Only on the root folder of a module: it and all below it belongs to that module. */
    module_id: string | null;
    /** The folder's part in the manifest of its module; null on plain folders and on sub-folders. */
    role: 'input' | 'output' | 'workspace' | null;
    /** Set on the two folders of a user that lie in no other. */
    top: 'home' | 'trash' | null;
    created_at: string;
    updated_at: string;
  };
  files: {
    id: string;
    user_id: string;
    folder_id: string;
    name: string;
    search_name: string;
    mime_type: string;
    size_bytes: number;
    sha256: string;
    created_at: string;
    updated_at: string;
  };
  /**
   * What was put into the Trash. Each item lies alone in a holder, a folder directly in the Trash, so that it keeps
   * its name there and whatever is below it stays untouched.
   */
  trash_items: {
    seq: Generated<number>;
    holder_id: string;
    user_id: string;
    kind: 'file' | 'folder';
    item_id: string;
    original_folder_id: string;
    /** Names from the top to the folder that it lay in, as JSON. */
    original_path: string;
    trashed_at: string;
  };
  /** Contents that lost a reference; those that nothing refers to are collected when the grace period is over. */
  dropped_blobs: { sha256: string; dropped_at: string };
  /** The module that a user chose for files of an extension. */
  associations: { user_id: string; extension: string; module_id: string };
  modules: {
    id: string;
    version: string;
    origin: 'first-party' | 'example' | 'operator';
    /** Folder of the installed package, relative to the data folder; its name holds the hash of the content. */
    package_dir: string;
    manifest: string;
    installed_at: string;
    /** JSON: what an administrator has bounded. */
    quota: Generated<string>;
  };
  /** Modules that a developer has published, or has begun to. Whoever was first owns the id. */
  published_modules: {
    module_id: string;
    developer_id: string;
    /** What users install; null: nothing was approved yet. */
    live_version: string | null;
    /** Set: an administrator has stopped it for everybody. */
    suspended_at: string | null;
    created_at: string;
  };
  module_versions: {
    module_id: string;
    version: string;
    state: VersionState;
    /** As in modules. */
    package_dir: string;
    /** Of the zip that was uploaded. */
    package_sha256: string;
    /** Who signed it; null: nobody. */
    public_key: string | null;
    size_bytes: number;
    /** JSON, as validated. */
    manifest: string;
    /** JSON: path, size and hash of each file. */
    files: string;
    /** JSON: what the validator found. */
    findings: string;
    /** JSON: what an administrator has allowed it. */
    assigned: string;
    /** What the reviewer wrote. */
    note: string;
    created_at: string;
    decided_at: string | null;
    /** JSON: what the last check of running workflows came to; null: nobody has looked. */
    workflow_check: Generated<string | null>;
  };
  /** The history of each module; only added to. */
  module_steps: {
    seq: Generated<number>;
    at: string;
    module_id: string;
    version: string;
    step: string;
    /** The name of the user, as it was then. */
    actor: string;
    note: string;
  };
  /** Which user has which version of a published module. */
  module_installs: { user_id: string; module_id: string; version: string; installed_at: string };
  /** Keys of developers for publishing from the command line; only their hashes. */
  publish_keys: {
    id: string;
    key_hash: string;
    user_id: string;
    name: string;
    created_at: string;
    used_at: string | null;
  };
  /** Only what differs from the default of the permission's tier. An empty user_id speaks for everybody. */
  grants: {
    module_id: string;
    user_id: string;
    permission: string;
    state: 'granted' | 'denied';
    updated_at: string;
  };
  launches: {
    id: string;
    ticket: string;
    user_id: string;
    session_hash: string;
    module_id: string;
    module_version: string;
    opened_file_id: string | null;
    action: string | null;
    created_at: string;
  };
  /** Files outside the module's folders that one launch may read: opened with it, or picked in the host's dialog. */
  launch_files: { launch_id: string; file_id: string };
  settings: { user_id: string; module_id: string; key: string; value: string; updated_at: string };
  /** What all documents of a module take for a user; kept in step with them. */
  data_used: { user_id: string; module_id: string; collections: number; records: number; used_bytes: number };
  /** Exists as long as it has a document. */
  data_collections: { seq: Generated<number>; user_id: string; module_id: string; name: string; records: number };
  data_documents: {
    /** A new one with each write, so that it also says which was written last. */
    seq: Generated<number>;
    collection_seq: number;
    id: string;
    version: number;
    size_bytes: number;
    created_at: string;
    updated_at: string;
    /** The JSON text. */
    data: string;
  };
  /** Which document has which value in which top-level field: the hash of both, and of the collection. */
  data_terms: { document_seq: number; term: number };
  jobs: {
    seq: Generated<number>;
    id: string;
    user_id: string;
    module_id: string;
    module_version: string;
    /** Asked for by CREATE_JOB, by QUEUE_TASK, or by a schedule. */
    kind: 'call' | 'task' | 'schedule';
    state: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
    progress_pct: number;
    options: string;
    /** Higher goes first. */
    priority: number;
    /** Times that it began to run, and how often it may. */
    attempts: number;
    attempts_max: number;
    schedule_id: string | null;
    /** JSON: names and hashes of its inputs, so that it can be run again; null: not kept, from before they were. */
    inputs: string | null;
    /** The server that has it, queued or running; null: nobody. */
    lease_owner: string | null;
    /** By the clock of the database. */
    lease_expires_ms: number | null;
    /** Another one with each lease: who holds an older one changes nothing any more. */
    fence: number;
    error_code: string | null;
    error_message: string | null;
    log: string;
    created_at: string;
    started_at: string | null;
    finished_at: string | null;
  };
  /** Contents on their way. A finished one stays for a while, so that one whose answer got lost learns of its file. */
  uploads: {
    id: string;
    user_id: string;
    folder_id: string;
    name: string;
    size_bytes: number;
    /** So many bytes are synced and have been acknowledged, or may be. */
    offset_bytes: number;
    /** Set when all bytes are there, before they become a blob. */
    sha256: string | null;
    /** Set when the upload has become this file. */
    file_id: string | null;
    created_at: string;
    expires_at: string;
  };
  /** The small picture of a content, by its hash; without one, the content is known to have none. */
  thumbnails: {
    source_sha256: string;
    sha256: string | null;
    size_bytes: number | null;
    mime_type: string | null;
    made_at: string;
  };
  /** One ctx.fetch of a worker each. The database refuses to change or delete them. */
  fetch_audit: {
    seq: Generated<number>;
    at: string;
    user_id: string;
    module_id: string;
    module_version: string;
    job_id: string;
    method: string;
    origin: string;
    /** Without the query. */
    path: string;
    status: number | null;
    error_code: string | null;
    requests: number;
    sent_bytes: number;
    received_bytes: number;
    wall_ms: number;
  };
  desktop_shortcuts: {
    id: string;
    user_id: string;
    module_id: string;
    label: string;
    action: string | null;
    file_id: string | null;
    created_at: string;
  };
  /** What modules have put onto a desktop. */
  desktop_files: { file_id: string; module_id: string };
  desktop_folders: { folder_id: string; module_id: string };
  /** What was said to a user who has not looked yet. */
  notices: {
    id: string;
    user_id: string;
    module_id: string;
    title: string;
    message: string;
    tone: Tone;
    created_at: string;
  };
  /** How a person likes the desktop. `value`: JSON. */
  preferences: { user_id: string; value: string; updated_at: string };
  job_outputs: { job_id: string; position: number; file_id: string };
  schedules: {
    id: string;
    user_id: string;
    module_id: string;
    name: string;
    /** JSON: an interval, or a cron expression with its time zone. */
    trigger: string;
    /** Null where it is a cron expression. */
    interval_ms: number | null;
    options: string;
    /** JSON: ids of files, looked up when it fires. */
    input_ids: string;
    enabled: number;
    /** By the clock of the database; null while it is not enabled. */
    next_run_ms: number | null;
    last_run_at: string | null;
    last_job_id: string | null;
    /** Why it was ended. */
    error_code: string | null;
    error_message: string | null;
    created_at: string;
  };
  /** Processes that work on this database. */
  servers: {
    id: string;
    kind: ServerKind;
    /** Of its machine. */
    name: string;
    /** Jobs that it runs at a time. */
    places: number;
    /** By the clock of the database. */
    seen_ms: number;
  };
  /** Programs that users keep running, and those that ran. Times in ms since 1970. */
  services: {
    user_id: string;
    module_id: string;
    /** What the user wants; "failed": it is not tried again, until the user starts it. */
    state: 'running' | 'stopped' | 'failed';
    /** The server in whose care it is; null: nobody's. */
    lease_owner: string | null;
    /** By the clock of the database. */
    lease_expires_ms: number | null;
    started_ms: number | null;
    next_tick_ms: number | null;
    /** It died and starts anew then. */
    restart_ms: number | null;
    ticks: number;
    /** In a row. */
    failures: number;
    last_tick_ms: number | null;
    last_took_ms: number | null;
    /** The tick that has begun and not ended; null: none. */
    begun_tick_ms: number | null;
    error_code: string | null;
    error_message: string | null;
    error_at_ms: number | null;
    cpu_ms: number | null;
    memory_bytes_peak: number | null;
  };
  /** What a service keeps. `value`: JSON. */
  service_state: {
    user_id: string;
    module_id: string;
    key: string;
    value: string;
    size_bytes: number;
    updated_at: string;
  };
  service_log: {
    seq: Generated<number>;
    user_id: string;
    module_id: string;
    at: string;
    level: string;
    message: string;
  };
  /** What a service shows. `value`: JSON. */
  service_monitor: {
    user_id: string;
    module_id: string;
    name: string;
    kind: string;
    value: string;
    updated_at: string;
  };
  /** Credentials of users for services elsewhere. */
  connections: {
    id: string;
    user_id: string;
    kind: ConnectorKind;
    name: string;
    /** Of the key that `sealed` opens with. */
    key_id: string;
    /** JSON of all fields, encrypted. */
    sealed: string;
    /** JSON of the fields as their user may see them again. */
    shown: string;
    /** What the limits are in; null: it may not trade. Amounts in millionths. */
    currency: string | null;
    order_max_micro: number | null;
    day_max_micro: number | null;
    created_at: string;
    /** To the minute. */
    used_at: string | null;
  };
  /** Which module may use which connection: one of each kind. */
  connection_links: { user_id: string; module_id: string; kind: ConnectorKind; connection_id: string };
  /** Orders of a day, counted before they are sent. */
  connection_spendings: {
    seq: Generated<number>;
    connection_id: string;
    /** In UTC, as 2026-11-21. */
    day: string;
    module_id: string;
    symbol: string;
    amount_micro: number;
  };
  workflow_runs: {
    run_id: string;
    user_id: string;
    module_id: string;
    workflow_id: string;
    workflow_type: string;
    status: RunStatus;
    /** The run that started it as its child, and with which event. */
    parent_run_id: string | null;
    parent_event_id: number | null;
    /** The chain it belongs to: the run that it goes on from, by way of others or at once; its own id where it began. */
    first_run_id: string;
    /** How many there are in its history. */
    events: number;
    /** Of its history, of what has not come into it yet, and of its updates. */
    size_bytes: Generated<number>;
    started_ms: number;
    closed_ms: number | null;
    /** Then it is ended, if it runs. */
    deadline_ms: number | null;
    /** From then on its code has something to hear; null: nothing. */
    wake_ms: number | null;
    /** Of its task, in a row, and what the last of them was: JSON. */
    failures: number;
    failure: string | null;
    /** JSON of its end. */
    outcome: string | null;
    /** The server that executes its task. */
    lease_owner: string | null;
    /** By the clock of the database. */
    lease_expires_ms: number | null;
    /** Another one with each lease, and when somebody else changes its history. */
    fence: number;
    /** 1: restored from a backup, and nothing is done with it before somebody says so. */
    paused: Generated<number>;
    /** When it comes again after its end: a cron expression. */
    cron: string | null;
  };
  /**
   * What its search attributes are now, and its memo: a row for each value. Texts and lists of them in `text_value`,
   * numbers, true and false, and times in ms in `number_value`.
   */
  workflow_attributes: {
    run_id: string;
    kind: AttributeKind;
    name: string;
    place: number;
    text_value: string | null;
    number_value: number | null;
  };
  /** What the command line asks of runs; a server answers. `args`, `answer`: JSON. */
  workflow_queries: {
    query_id: string;
    run_id: string;
    name: string;
    args: string;
    asked_ms: number;
    state: 'waiting' | 'taken' | 'done';
    answer: string | null;
  };
  /** Histories, which only grow. `attributes`: JSON. */
  workflow_events: { run_id: string; event_id: number; at_ms: number; type: string; attributes: string };
  /** What happened to a run and is not in its history yet; it comes there with the next task. */
  workflow_inbox: {
    seq: Generated<number>;
    run_id: string;
    at_ms: number;
    type: string;
    attributes: string;
    /** The event that it answers. */
    about_event_id: number | null;
  };
  /** Ids of signals that were taken, so that none is taken twice. */
  workflow_signals: { run_id: string; signal_id: string };
  /** `request`, `outcome`: JSON. */
  workflow_updates: {
    run_id: string;
    update_id: string;
    request: string;
    state: 'waiting' | 'accepted' | 'done';
    outcome: string | null;
  };
  workflow_timers: { run_id: string; event_id: number; due_ms: number; timer_id: string };
  /** Activities that have no end yet, by the event that scheduled them. `heartbeat`, `failure`: JSON. */
  workflow_activities: {
    run_id: string;
    event_id: number;
    /** As its workflow calls it. */
    activity_id: string;
    /** 1 for the first. */
    attempt: number;
    /** Of the attempt. */
    due_ms: number;
    /** Of all attempts together. */
    deadline_ms: number | null;
    started_ms: number | null;
    heartbeat: string;
    failure: string | null;
    cancel_requested: number;
    /** 1: a job in a sandbox; 0: the server does it itself. */
    is_sealed: number;
    /** 1: its code has returned, and somebody from outside ends it. */
    is_open: number;
    /** While no server has it in hand: the time-out that it meets next. */
    late_ms: number | null;
    late_kind: 'SCHEDULE_TO_START' | 'SCHEDULE_TO_CLOSE' | 'START_TO_CLOSE' | 'HEARTBEAT' | null;
    lease_owner: string | null;
    /** By the clock of the database. */
    lease_expires_ms: number | null;
  };
  /** What a job that has not ended works on: the contents as they were when it was accepted. */
  job_inputs: { job_id: string; position: number; name: string; sha256: string };
}
