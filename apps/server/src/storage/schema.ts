/** The tables, as kysely sees them. Times are ISO 8601 in UTC, JSON is text, ids are random. */
import type { Generated } from 'kysely';

export interface Tables {
  users: {
    id: string;
    name: string;
    role: 'user' | 'developer' | 'admin';
    password_hash: string;
    root_folder_id: string;
    created_at: string;
  };
  sessions: { token_hash: string; user_id: string; created_at: string; seen_at: string };
  folders: {
    id: string;
    user_id: string;
    parent_id: string | null;
    name: string;
    /** The module that the folder and all below it belongs to. */
    module_id: string | null;
    /** The folder's part in the manifest of its module; null on plain folders and on sub-folders. */
    role: 'input' | 'output' | 'workspace' | null;
    created_at: string;
    updated_at: string;
  };
  files: {
    id: string;
    user_id: string;
    folder_id: string;
    name: string;
    mime_type: string;
    size_bytes: number;
    sha256: string;
    created_at: string;
    updated_at: string;
  };
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
  jobs: {
    seq: Generated<number>;
    id: string;
    user_id: string;
    module_id: string;
    module_version: string;
    state: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
    progress_pct: number;
    options: string;
    error_code: string | null;
    error_message: string | null;
    log: string;
    created_at: string;
    started_at: string | null;
    finished_at: string | null;
  };
  job_outputs: { job_id: string; position: number; file_id: string };
}
