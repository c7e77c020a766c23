/**
 * Every limit of the house, each with its unit in its name. Worker tiers stand beside them, because an author looks
 * for both in one place.
 */

export const KIB = 1024;
export const MIB = 1024 * KIB;

export const LIMITS = {
  rid_chars_max: 128,
  /** Messages of one window that the bridge reads in a second; further ones wait, unread. */
  bridge_messages_per_s_max: 2000,
  /** Waiting messages beyond which the window is stopped with a notice. */
  bridge_waiting_messages_max: 4000,
  bridge_pending_requests_max: 256,
  /** Bytes of one file that travels as base64 inside a message (READ_FILE, WRITE_FILE). */
  file_base64_bytes_max: 64 * MIB,
  file_name_bytes_max: 255,
  folder_depth_max: 32,
  /** Files and folders that one request of the desktop may name. */
  items_per_request_max: 1000,
  /** Files and folders that one request may copy, those below a copied folder included. */
  copied_items_max: 100_000,
  search_results_max: 200,
  recent_files_max: 50,
  upload_bytes_max: 4 * 1024 * MIB,
  /** How long an unfinished upload waits to be gone on with. */
  upload_idle_ms_max: 7 * 24 * 3600 * 1000,
  uploads_per_user_max: 1000,
  /** Contents up to this size are read as a whole and sent; larger ones are streamed. */
  sent_at_once_bytes_max: MIB,
  /** How long an address that OPEN_MEDIA gave works. */
  media_ticket_ms: 10 * 60 * 1000,
  /** Pictures above this size get no thumbnail. */
  thumbnail_source_bytes_max: 64 * MIB,
  thumbnail_px_max: 256,
  thumbnail_bytes_max: 512 * KIB,
  /** After this a picture that could not be made smaller is tried again. */
  thumbnail_retry_ms: 24 * 3600 * 1000,
  thumbnails_at_once_max: 2,
  /** How long a content is kept after the last file that had it was deleted or replaced. */
  blob_grace_ms: 3600 * 1000,
  /** How often the server looks for contents whose grace period is over. */
  blob_sweep_interval_ms: 600 * 1000,
  /** How often it compares all contents that are stored with those that files have. */
  blob_walk_interval_ms: 24 * 3600 * 1000,
  /** Room on the disk that contents leave to the database. */
  disk_reserve_bytes: 16 * MIB,
  /** Local copies of contents that lie in an S3 store. */
  blob_cache_bytes_max: 4 * 1024 * MIB,
  setting_key_chars_max: 128,
  setting_value_bytes_max: 256 * KIB,
  notification_title_chars_max: 64,
  notification_message_chars_max: 280,
  /** Notifications one window may raise in ten seconds; later ones get HANABI-Q002. */
  notifications_per_10s_max: 20,
  job_options_bytes_max: 256 * KIB,
  job_inputs_max: 200,
  job_history_max: 100,
  /** Characters of a worker's own output that are kept for its author, from the end. */
  job_log_chars_max: 16_000,
  job_progress_message_chars_max: 500,
  /** The name that a worker gives to an output, before it is reduced to a leaf of at most `file_name_bytes_max`. */
  output_name_chars_max: 4096,
  /** Frames of one job that are looked at before other jobs get their turn. */
  job_frames_per_turn_max: 128,
  /** Events of one job that nobody has pulled yet weigh their characters and this much each. */
  job_event_weight_chars: 256,
  /** Weight beyond which the worker waits until its events are pulled. */
  job_queued_chars_max: MIB,
  jobs_in_flight_per_module_max: 8,
  /** How long an accepted job may wait for a free place before it ends with HANABI-W011. */
  job_admission_timeout_ms: 60_000,
  session_idle_ms_max: 14 * 24 * 3600 * 1000,
  sign_in_failures_per_minute_max: 10,
  user_name_chars_max: 64,
  password_chars_max: 512,
  launches_per_session_max: 64,
} as const;

/** What bounds one run of a worker. */
export interface TierLimits {
  readonly memory_bytes_max: number;
  readonly cpu_ms_max: number;
  readonly wall_ms_max: number;
  readonly output_bytes_max: number;
  readonly output_files_max: number;
  readonly processes_max: number;
}

export const WORKER_TIERS = {
  small: {
    memory_bytes_max: 256 * MIB,
    cpu_ms_max: 10_000,
    wall_ms_max: 30_000,
    output_bytes_max: 25 * MIB,
    output_files_max: 100,
    processes_max: 32,
  },
  standard: {
    memory_bytes_max: 512 * MIB,
    cpu_ms_max: 60_000,
    wall_ms_max: 180_000,
    output_bytes_max: 100 * MIB,
    output_files_max: 500,
    processes_max: 64,
  },
} as const satisfies Record<string, TierLimits>;

export type WorkerTier = keyof typeof WORKER_TIERS;
