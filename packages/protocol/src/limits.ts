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
  search_results_max: 200,
  recent_files_max: 50,
  upload_bytes_max: 4 * 1024 * MIB,
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
