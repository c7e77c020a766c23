/**
 * A backup is a folder: the rows of each table as lines of JSON, the contents under their hashes, the packages of modules
 * with what else cannot be made anew, and, written last, a list of it all. It says nothing of the engine, so that it can be restored on either.
 */
export const BACKUP_FORMAT = 1;
export const MANIFEST = 'backup.json';
export const TABLES_DIR = 'tables';
export const BLOBS_DIR = 'blobs';
export const FILES_DIR = 'files';

/** What lies in the shared folder and cannot be made anew: packages of modules, and what opens sealed secrets. */
export const KEPT_FILES = [/^modules\//, /^accounts\.key$/];

export interface BackupManifest {
  format: typeof BACKUP_FORMAT;
  made_at: string;
  engine: 'sqlite' | 'postgresql';
  /** Those that the tables have been through. */
  migrations: string[];
  tables: Record<string, { rows: number; sha256: string }>;
  contents: { count: number; size_bytes: number };
  /** Of the shared folder, by their paths in it. */
  files: Record<string, { size_bytes: number; sha256: string }>;
}

/** What ends with the server that it belongs to: sessions and what they have open, uploads that have not come, questions, and itself. */
export const NOT_KEPT: ReadonlySet<string> = new Set([
  'sessions',
  'launches',
  'launch_files',
  'uploads',
  'workflow_queries',
  'servers',
]);

/** What a schedule or a service says of itself that a restore has paused. */
export const PAUSED = 'HANABI-W027';
