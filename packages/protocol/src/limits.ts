/**
 * Every limit of the house, each with its unit in its name. Worker tiers stand beside them, because an author looks
 * for both in one place.
 */

export const KIB = 1024;
export const MIB = 1024 * KIB;

export const LIMITS = {
  rid_chars_max: 128,
  /** Levels of lists and objects in a message, values in it, and characters of its texts and names together. */
  message_depth_max: 200,
  message_values_max: 500_000,
  message_text_chars_max: 96 * MIB,
  /** Messages of one window that the bridge reads in a second; further ones wait, unread. */
  bridge_messages_per_s_max: 2000,
  /** Waiting messages beyond which the window is stopped with a notice. */
  bridge_waiting_messages_max: 4000,
  bridge_pending_requests_max: 256,
  /** Time of the desktop that reading the messages of one window may take in ten seconds; beyond it the launch ends. */
  bridge_reading_ms_per_10s_max: 5000,
  /** Times that a page may take the focus from a dialog or a panel of the desktop; beyond it the launch ends. */
  bridge_focus_taken_max: 3,
  /** A page that says it answers, and is silent for so long while its window is seen, is reported to the person. */
  page_silence_ms_max: 5000,
  /** So is one that has not loaded after this; and who chooses to wait is asked again after this. */
  page_patience_ms: 30_000,
  /** After it opens or changes, a dialog that grants something takes no confirming key or click for so long. */
  consent_guard_ms: 500,
  /** Bytes of one file that travels as base64 inside a message (READ_FILE, WRITE_FILE). */
  file_base64_bytes_max: 64 * MIB,
  /**
   * Memory for files that travel as base64, counted with all the copies that are made of one on its way: for all users
   * together, and for one of them.
   */
  base64_memory_bytes_max: 256 * MIB,
  base64_memory_of_user_bytes_max: 128 * MIB,
  /** How long a request waits for its share of that memory. */
  base64_memory_wait_ms_max: 60_000,
  base64_memory_waiting_max: 4096,
  /** Body of a request that carries no file. */
  request_body_bytes_max: MIB,
  /** Until the last byte of a header, or of a body that carries no file, has arrived. */
  request_headers_ms_max: 60_000,
  request_body_ms_max: 60_000,
  /** Silence of a client whose turn it is: it owes bytes of a body, or does not read its answer. */
  connection_silence_ms_max: 120_000,
  /** How long a connection is kept for the next request. Above what proxies do, so that it is they who close it. */
  connection_idle_ms_max: 72_000,
  connections_max: 4096,
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
  /** Larger documents, and the pages after these, are not shown in the preview of File Explorer. */
  pdf_preview_bytes_max: 64 * MIB,
  pdf_preview_pages_max: 50,
  /** Larger drawings (SVG) are shown there as the text that they are. */
  drawing_preview_bytes_max: MIB,
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
  /** An S3 store that neither takes nor gives a byte for so long is given up, and what was asked of it is an error. */
  store_silence_ms_max: 30_000,
  /** Local copies of contents that lie in an S3 store. */
  blob_cache_bytes_max: 4 * 1024 * MIB,
  /** Of one server to PostgreSQL. */
  database_connections_max: 10,
  database_connect_ms_max: 10_000,
  /** A statement that has no answer after this counts as failed: the connection may have been cut without a word. */
  database_answer_ms_max: 60_000,
  setting_key_chars_max: 128,
  setting_value_bytes_max: 256 * KIB,
  /** Of how a person likes their desktop: entries of one list, and characters of a name in one. */
  preference_entries_max: 256,
  preference_name_chars_max: 96,
  /** Columns, and rows, of the desktop at which an icon can stand. */
  icon_cells_max: 256,
  /** Of one module on the desktop of a user. */
  shortcuts_per_module_max: 8,
  shortcut_label_chars_max: 64,
  /** Of the documents that one module keeps for one user, where the operator says nothing else. */
  data_collections_max: 100,
  data_records_max: 1_000_000,
  data_bytes_max: 1024 * MIB,
  /** One document, as JSON. */
  data_document_bytes_max: 512 * KIB,
  /** Top-level fields of one document that a query can ask for: those with a text, a number, true, false or null. */
  data_document_fields_max: 1000,
  data_collection_chars_max: 128,
  data_id_chars_max: 128,
  /** Documents of one page or answer, when the request does not say, and at most. */
  data_page_documents: 50,
  data_page_documents_max: 1000,
  /** A page or an answer ends before the document that would take it beyond. */
  data_page_bytes_max: 8 * MIB,
  data_where_fields_max: 16,
  /** Documents with the rarest value of a query that are compared with its other values. */
  data_query_walk_max: 20_000,
  notification_title_chars_max: 64,
  notification_message_chars_max: 280,
  /** Notifications one window may raise in ten seconds; later ones get HANABI-Q002. */
  notifications_per_10s_max: 20,
  /** Of what was said to a user who has not looked yet: beyond this the oldest go. */
  notifications_unseen_max: 100,
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
  /** Things that a worker left in its output folder and that are no plain files: so many are named in its log. */
  job_left_out_names_max: 20,
  /** Output up to this size is written to a file system of that size; a larger one is only looked at while it grows. */
  sized_output_bytes_max: 512 * MIB,
  /** Events of one job that a page which confirms them may have before it takes any. */
  job_events_ahead_max: 64,
  jobs_in_flight_per_module_max: 8,
  /** Queued tasks of one module for one user that have not ended. */
  tasks_in_flight_per_module_max: 100,
  /** Ended jobs of one module for one user that are kept, with their results and logs; and for how long. */
  jobs_kept_per_module_max: 500,
  job_kept_ms: 30 * 24 * 3600 * 1000,
  /** After this without a sign of life of its server a job belongs to nobody, by the clock of the database. */
  job_lease_ms: 30_000,
  /** How often a server looks for jobs whose server is gone, and for what nobody told it of. */
  job_safety_interval_ms: 15_000,
  /** Times that a job is tried again whose server or sandbox died under it, as its author chose. */
  job_retries_max: 5,
  /** Schedules of one module for one user. */
  schedules_per_module_max: 20,
  /** Between two runs of a schedule. */
  schedule_interval_ms_min: 60_000,
  schedule_interval_ms_max: 366 * 24 * 3600 * 1000,
  /** How long work of the host itself waits for a free place before it ends with HANABI-W011. */
  job_admission_timeout_ms: 60_000,
  /** Of ctx.fetch: requests of one job, those that are refused and redirects that are followed included. */
  fetch_requests_per_job_max: 1000,
  /** Requests of one job under way at a time; further ones wait. */
  fetch_requests_at_once_max: 4,
  /** From the request to the last byte of the answer. */
  fetch_timeout_ms: 30_000,
  fetch_request_bytes_max: 4 * MIB,
  /** Of a body, as it came and decompressed. */
  fetch_response_bytes_max: 16 * MIB,
  fetch_url_chars_max: 8192,
  /** Of a request and of an answer, each. */
  fetch_headers_max: 100,
  fetch_header_bytes_max: 32 * KIB,
  fetch_redirects_max: 5,
  /** With network.fetch.broad: bytes of all bodies of one job, as they travel. */
  fetch_broad_bytes_per_job_max: 256 * MIB,
  /** With network.fetch.broad: the same of all jobs that one user has of one module, within 24 hours. */
  fetch_broad_bytes_per_day_max: 4096 * MIB,
  /** With network.fetch.broad: requests of one job in a second; further ones wait. */
  fetch_broad_requests_per_s_max: 10,
  /** Characters of a path that the audit keeps. */
  fetch_audit_path_chars_max: 512,
  /** Of the wheels that one set of requirements leads to, those that the resolver only looked at included. */
  library_wheels_bytes_max: 2048 * MIB,
  library_index_page_bytes_max: 32 * MIB,
  library_index_requests_max: 2000,
  /** Of all libraries of a module, unpacked. */
  library_layer_bytes_max: 4096 * MIB,
  library_layer_files_max: 100_000,
  /** How long finding and unpacking the libraries of a module may take, each. */
  library_build_ms_max: 600_000,
  /** After this, libraries that could not be provided are looked for again. */
  library_retry_ms: 60_000,
  /** How long libraries are kept that no installed module asks for. */
  library_grace_ms: 7 * 24 * 3600 * 1000,
  /** Of a module's package: the zip itself, what is in it, one file of that, and all of them unpacked. */
  package_bytes_max: 64 * MIB,
  package_entries_max: 4000,
  package_entry_bytes_max: 32 * MIB,
  package_total_bytes_max: 128 * MIB,
  /** Unpacked bytes for each packed one, of entries above `package_ratio_free_bytes`. */
  package_ratio_max: 200,
  package_ratio_free_bytes: 64 * KIB,
  package_depth_max: 16,
  package_path_bytes_max: 255,
  package_manifest_bytes_max: MIB,
  package_signature_bytes_max: 16 * KIB,
  /** Text files of a package up to this size are read by the static scan, and so many of its findings are listed. */
  package_scan_bytes_max: 2 * MIB,
  package_findings_max: 300,
  /** Drafts and versions in review of one developer. */
  package_open_versions_max: 50,
  /** Packages that are unpacked and checked at a time; others wait. */
  package_checks_at_once_max: 2,
  /** Versions of a module that were live and that nobody has any more: so many are kept to go back to. */
  package_earlier_versions_max: 20,
  /** How often the server looks for folders of packages that nobody has, and how long each has to be found so. */
  package_sweep_interval_ms: 3600 * 1000,
  package_grace_ms: 2 * 3600 * 1000,
  review_note_chars_max: 4000,
  /** Of one file that the review page shows, and of one picture in the Module Store. */
  package_shown_file_bytes_max: MIB,
  package_picture_bytes_max: 4 * MIB,
  /** Keys of a developer for publishing from the command line. */
  publish_keys_max: 20,
  /** Of a service: between two ticks. */
  service_interval_ms_min: 1000,
  service_interval_ms_max: 3600 * 1000,
  /** One tick, setup or the loading of a service; one that takes longer is ended. */
  service_tick_ms_max: 60_000,
  /** Failures of a service in a row after which it stops and its user is told. */
  service_failures_max: 10,
  /** Before a service that was ended starts anew: the first time, doubled each time up to the second. */
  service_backoff_ms_min: 1000,
  service_backoff_ms_max: 300_000,
  /** What a tick that runs has to come to its end when its server stops, or its module has another version. */
  service_leave_ms: 3000,
  /** Processor time of a service, which does not run out. */
  service_cpu_ms_max: 10 * 365 * 24 * 3600 * 1000,
  service_processes_max: 8,
  /** Boxes of services that are booted side by side, as after a start of the server. */
  service_boots_at_once_max: 4,
  /** Questions of one service to the host in a second; after a burst of so many, further ones wait for their turn. */
  service_asks_per_s_max: 100,
  /** One question of a service to the host, as JSON. */
  service_ask_bytes_max: MIB,
  service_state_value_bytes_max: 512 * KIB,
  service_state_keys_max: 1000,
  /** Of all values of one service. */
  service_state_bytes_max: 64 * MIB,
  service_log_message_chars_max: 4000,
  service_log_batch_max: 20,
  /** Messages of one service that are kept. */
  service_log_kept_max: 2000,
  service_file_read_bytes_max: 50 * KIB,
  service_files_bytes_max: 100 * MIB,
  service_files_max: 1000,
  service_monitor_widgets_max: 50,
  service_monitor_value_bytes_max: 64 * KIB,
  /** Body of an answer that ctx.http hands over. */
  service_http_answer_bytes_max: 4 * MIB,
  services_per_user_max: 20,
  /** Services of all users that run at a time. */
  services_max: 256,
  connections_per_user_max: 50,
  connection_name_chars_max: 64,
  connection_field_chars_max: 512,
  /** The longest time that a connection rests because the other service asked for it. */
  connection_pause_ms_max: 3600 * 1000,
  llm_messages_max: 100,
  llm_answer_tokens_max: 100_000,
  /** Of all workflows of a user that have not ended. */
  workflows_per_user_max: 1000,
  /** After its end the history of a workflow is kept so long. */
  workflow_kept_ms: 30 * 24 * 3600 * 1000,
  /** A workflow with a longer history is ended; it can continue as new before. */
  workflow_history_events_max: 50_000,
  /** And so is one whose history has more bytes, with what has not come into it yet. */
  workflow_history_bytes_max: 50 * MIB,
  /** From so many events or bytes on, a workflow is told that it should continue as new. */
  workflow_history_events_told: 10_000,
  workflow_history_bytes_told: 10 * MIB,
  /** Signals, updates and the like that a workflow has not heard of yet; more are refused. */
  workflow_inbox_max: 10_000,
  /** The result of an activity, and the details of its heartbeat, as JSON. */
  workflow_payload_bytes_max: 2 * MIB,
  /** Histories of workflows of a user that have ended; the oldest are forgotten before their time. */
  workflow_kept_bytes_max: 1024 * MIB,
  /** One activation of a workflow; its process is ended after that. Its code may compute for two seconds without waiting. */
  workflow_task_ms_max: 10_000,
  /** Timers, time-outs and delays of a workflow, a thousand years: a longer one is as good as none, and its end had no date. */
  workflow_wait_ms_max: 1000 * 365 * 24 * 3600 * 1000,
  /** Before a task that failed is tried again: the first time, doubled each time up to the second. */
  workflow_task_backoff_ms_min: 1000,
  workflow_task_backoff_ms_max: 60_000,
  /** Tasks of workflows that one server executes at a time. */
  workflow_tasks_max: 16,
  /** And those of them that are of one module of one user, on all servers. */
  workflow_tasks_of_module_max: 8,
  /** Activities of one run that have no end yet; the task that wants more fails. */
  workflow_activities_pending_max: 2000,
  /** Activities that a server does itself at a time, and those of them that are of one module of one user. */
  workflow_host_activities_max: 64,
  workflow_host_activities_of_module_max: 8,
  /** How long an activity that is cancelled, or whose time is up, may tidy up before its sandbox is ended. */
  workflow_activity_grace_ms: 30_000,
  /** And when the server is stopped. */
  workflow_activity_stop_ms: 2000,
  /** Processes that execute workflows: one for each user of a module. The one that was idle for longest makes room. */
  workflow_processes_max: 16,
  /** Runs that such processes hold in memory; the others are played again when they go on. */
  workflow_cached_runs_max: 1000,
  /** Activities of a module that a server takes from a Temporal cluster at a time; those without a place yet wait in line. */
  workflow_cluster_activities_max: 32,
  /** Of the runs of a user on a Temporal cluster, the newest that lists search through. */
  workflow_cluster_listed_max: 1000,
  /** Runs in a list that says no number, and the highest number that it may say. */
  workflows_listed: 100,
  workflows_listed_max: 500,
  /** Of what a query failed with. */
  workflow_query_failure_chars_max: 1000,
  /** How long a question for the result of a workflow waits for its end. */
  workflow_result_wait_ms_max: 25_000,
  /** Whose histories are tried with the code of an update, and the time for all of them; those that run come first. */
  workflow_check_runs_max: 200,
  workflow_check_ms_max: 120_000,
  /** The newest events of a run that the replay debugger steps through. */
  workflow_playback_events_max: 2000,
  /** And the stacks that it shows of them; beyond, those of the oldest tasks are left out. */
  workflow_playback_traces_chars_max: 16 * MIB,
  /** Of one task, as its process says it: the name of a function or a task, and the commands whose makers are told. */
  workflow_trace_name_chars_max: 300,
  workflow_trace_commands_max: 1000,
  /** Checks and playbacks that one server does at a time; of each person it does one, and the others wait. */
  workflow_checks_max: 8,
  /** What a workflow, a signal, a query or an update is given, as JSON. */
  workflow_input_bytes_max: 256 * KIB,
  /** Search attributes and memos of a run that it can be found by; what is more or longer is in its history only. */
  workflow_attributes_max: 100,
  workflow_attribute_values_max: 50,
  workflow_attribute_chars_max: 500,
  /** A list filter: how long it is, how many comparisons it makes, those with NULL too, and how deep its brackets go. */
  workflow_filter_chars_max: 2000,
  workflow_filter_terms_max: 20,
  workflow_filter_depth_max: 10,
  session_idle_ms_max: 14 * 24 * 3600 * 1000,
  /** Sign-ins of one address that are under way or failed within a minute, for one name and for all names together. */
  sign_in_failures_per_minute_max: 10,
  sign_in_failures_of_address_per_minute_max: 60,
  /** The same for one name from all addresses: far above what its owner needs, far below what guessing needs. */
  sign_in_failures_of_name_per_minute_max: 200,
  /** Names and addresses whose failures are remembered; beyond, the oldest are forgotten. */
  sign_in_failures_remembered_max: 10_000,
  sign_in_body_bytes_max: 4 * KIB,
  /** Each takes 19 MiB and a processor for a moment. */
  password_checks_at_once_max: 4,
  password_checks_of_address_at_once_max: 2,
  password_checks_waiting_max: 256,
  password_check_wait_ms_max: 10_000,
  /** Of a browser that this user signed in with before: a stranger's guesses do not count against it, nor its for others. */
  sign_in_failures_of_device_per_minute_max: 10,
  /** How long a browser is known to belong to one who signed in with it. */
  known_device_ms: 365 * 24 * 3600 * 1000,
  /** Wrong codes of the second factor within an hour, for one user: who guesses them knows the password already. */
  second_factor_failures_per_hour_max: 20,
  /** After a sign-in, or after a person confirmed who they are, so long nobody asks again. */
  confirmation_ms: 10 * 60 * 1000,
  sessions_per_user_max: 100,
  user_name_chars_max: 64,
  password_chars_min: 10,
  password_chars_max: 512,
  recovery_codes: 10,
  passkeys_per_user_max: 20,
  passkey_name_chars_max: 64,
  passkey_id_chars_max: 1400,
  passkey_body_bytes_max: 32 * KIB,
  /** How long a person may take to use a passkey. */
  passkey_challenge_ms: 5 * 60 * 1000,
  /** Passkeys of one address that are being looked at or were refused within a minute. */
  passkey_failures_of_address_per_minute_max: 30,
  invitation_ms: 7 * 24 * 3600 * 1000,
  password_reset_ms: 24 * 3600 * 1000,
  invitations_open_max: 1000,
  invitation_note_chars_max: 200,
  /** Accounts made from one address within an hour, and tokens of invitations that it may try within a minute. */
  sign_ups_of_address_per_hour_max: 20,
  invitations_tried_of_address_per_minute_max: 30,
  /** How long a person may take to sign in through another service, and how many begin from one address in a minute. */
  oidc_ms_max: 10 * 60 * 1000,
  oidc_begun_of_address_per_minute_max: 30,
  identities_per_user_max: 10,
  /** Rows of one page of the audit, and of one export. */
  audit_page_rows: 100,
  audit_export_rows_max: 1_000_000,
  audit_query_chars_max: 200,
  admin_jobs_max: 200,
  /** How often a server of PostgreSQL says that it is there, after what silence it is suspect, and when forgotten. */
  server_seen_interval_ms: 20_000,
  server_silent_ms: 60_000,
  server_kept_ms: 24 * 3600 * 1000,
  user_storage_limit_bytes_max: 2 ** 50,
  launches_per_session_max: 64,
  permissions_per_request_max: 64,
  permission_reason_chars_max: 160,
  /** Live channels of one session: about one a tab. Further tabs do without. */
  live_channels_per_session_max: 64,
  /** One message of the desktop on it; what is larger goes over HTTP. */
  live_message_bytes_max: MIB,
  /** Content of a file that an answer on it may hold; what is larger goes over HTTP. */
  live_content_bytes_max: MIB,
  /** Capability calls of one channel under way at a time; the desktop sends further ones over HTTP. */
  live_calls_at_once_max: 512,
  /** Bytes that wait for a desktop to read them, beyond which nothing more is read from it and news are left out. */
  live_unread_bytes_max: 4 * MIB,
  /** How often the server says that it is there. Either side gives up after two and a half times as long in silence. */
  live_beat_ms: 20_000,
  /** How long a desktop that begins waits for its channel before it asks for what it shows. */
  live_opening_ms_max: 300,
  /** How long a channel that the server closes may take to say that it has heard of it. */
  live_closing_ms_max: 1000,
  /** Between two attempts of the desktop to open the channel again: at first, and at most; somewhere below, by chance. */
  live_reconnect_ms_min: 500,
  live_reconnect_ms_max: 30_000,
  /** News of one job’s progress, and of a user’s changed files, come at most so often. */
  live_progress_interval_ms: 100,
  live_files_interval_ms: 1000,
  /** The same for one service and what is new of it. */
  live_services_interval_ms: 1000,
  /** And for one workflow. */
  live_workflows_interval_ms: 250,
  /** Jobs of one page of the Jobs window. */
  jobs_page_max: 100,
  /** What the debugger keeps of one launch; beyond either the oldest goes. */
  debugger_rows_max: 5000,
  debugger_recording_bytes_max: 32 * MIB,
  /** What it keeps of one message; the rest is cut. */
  debugger_message_bytes_max: 256 * KIB,
  /** A file that it replays; written with line breaks, a recording takes more than in memory. */
  debugger_file_bytes_max: 128 * MIB,
  /** Contents above this size are not hashed by it. */
  debugger_hashed_bytes_max: 16 * MIB,
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
  large: {
    memory_bytes_max: 1024 * MIB,
    cpu_ms_max: 300_000,
    wall_ms_max: 600_000,
    output_bytes_max: 500 * MIB,
    output_files_max: 1000,
    processes_max: 64,
  },
  /** For tools that read and write files: much output and much time, and no more memory than they need. */
  media: {
    memory_bytes_max: 1024 * MIB,
    cpu_ms_max: 1_800_000,
    wall_ms_max: 3_600_000,
    output_bytes_max: 4 * 1024 * MIB,
    output_files_max: 1000,
    processes_max: 128,
  },
} as const satisfies Record<string, TierLimits>;

export type WorkerTier = keyof typeof WORKER_TIERS;
