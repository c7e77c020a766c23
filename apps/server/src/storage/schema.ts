/** The tables, as kysely sees them. Times are ISO 8601 in UTC, JSON is text, ids are random. */
import type { Generated } from 'kysely';

export interface Tables {
  users: {
    id: string;
    name: string;
    role: 'user' | 'developer' | 'admin';
    password_hash: string;
    root_folder_id: string;
    /** How much the user's files may take; null: what the server's setting says. */
    storage_limit_bytes: number | null;
    created_at: string;
  };
  /** What all files of a user take, those in the Trash and copies included; kept in step with the table of files. */
  storage_used: { user_id: string; used_bytes: number };
  sessions: { token_hash: string; user_id: string; created_at: string; seen_at: string };
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
  /** What a job that has not ended works on: the contents as they were when it was accepted. */
  job_inputs: { job_id: string; position: number; name: string; sha256: string };
}
