/**
 * Every failure that a person or a module can see. Codes are never renumbered; the reference page, the SDK's types
 * and the server's HTTP answers are derived from this table.
 */

export const ERROR_CATEGORIES = [
  'PERMISSION_DENIED',
  'OUT_OF_SCOPE',
  'NOT_FOUND',
  'UNSUPPORTED',
  'INVALID',
  'LIMIT',
  'FAILED',
  'UNAVAILABLE',
] as const;
export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

interface ErrorRow {
  readonly category: ErrorCategory;
  /** HTTP status of an answer that carries this code. */
  readonly http: number;
  /** The sentence a person reads; a concrete detail may follow it. */
  readonly message: string;
  readonly meaning: string;
  readonly fix: string;
}

export const ERRORS = {
  // permission & capability
  'HANABI-P001': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The module does not declare this permission',
    meaning: 'The first check: the manifest lacks the permission that the request needs.',
    fix: 'Add the permission to "permissions" in hanabi.module.json and install the module again.',
  },
  'HANABI-P002': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'This permission was not granted',
    meaning: 'The second check: the manifest declares the permission, but it was refused or revoked.',
    fix: 'Ask the user, or for an admin capability the administrator, to grant it.',
  },
  'HANABI-P003': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The user has not consented to this yet',
    meaning: 'The second check: the permission needs the consent of the user, who has not answered or has said no.',
    fix: 'Ask again when the user does something that plainly needs it, and go on without it until then.',
  },
  'HANABI-P004': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'This module route is not accessible',
    meaning: 'The path lies outside the routes of the module itself, or the module may not have routes.',
    fix: 'Name a path below the own routes of the module.',
  },
  // files & folders
  'HANABI-F001': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'File or folder not found',
    meaning:
      'Nothing with this id exists for the signed-in user. Files of other users are never told apart from missing ones.',
    fix: 'List the folder again; the id may be stale.',
  },
  'HANABI-F002': {
    category: 'OUT_OF_SCOPE',
    http: 403,
    message: 'File outside module scope',
    meaning: 'The third check: the file belongs to the user, but not to a folder that this module may touch.',
    fix: 'Ask the user to pick the file, or to open it with the module.',
  },
  'HANABI-F003': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'The module has no writable folder of that role',
    meaning: 'The manifest declares no folder with this role, or the role is read-only for the module.',
    fix: 'Declare the folder under "filesystem" in the manifest, or name another role.',
  },
  'HANABI-F004': {
    category: 'LIMIT',
    http: 413,
    message: 'The file is too large for this way of moving it',
    meaning: 'Base64 inside a message is meant for small files.',
    fix: 'Send smaller pieces, or let a worker read the file as a job input.',
  },
  'HANABI-F005': {
    category: 'INVALID',
    http: 400,
    message: 'Unsafe file name',
    meaning:
      'Names may not be empty, hold a slash, a backslash, a NUL or control characters, be "." or "..", or exceed 255 bytes.',
    fix: 'Use a plain leaf name.',
  },
  'HANABI-F006': {
    category: 'FAILED',
    http: 409,
    message: 'Something with that name is in the way',
    meaning: 'A folder has the name that a file was to get, or the other way round.',
    fix: 'Choose another name.',
  },
  'HANABI-F007': {
    category: 'FAILED',
    http: 500,
    message: 'The stored bytes of this file are damaged',
    meaning: 'The checksum of the stored content no longer matches; wrong bytes are never served as good.',
    fix: 'Restore the file from a backup. The operator finds the request id in the log.',
  },
  'HANABI-F008': {
    category: 'FAILED',
    http: 422,
    message: 'The upload ended before all of its bytes arrived',
    meaning: 'The connection broke or the announced size was wrong. Nothing was stored.',
    fix: 'Upload the file again.',
  },
  'HANABI-F009': {
    category: 'OUT_OF_SCOPE',
    http: 403,
    message: 'This folder is kept in its place',
    meaning:
      'The folder, or one inside it, is where an installed module keeps its files, or one that every desktop has. It can be opened, but not renamed, moved or put into the Trash.',
    fix: 'Move what is in the folder, or uninstall the module first.',
  },
  'HANABI-F010': {
    category: 'INVALID',
    http: 409,
    message: 'A folder cannot be moved into itself',
    meaning: 'The destination is the folder itself or lies below it.',
    fix: 'Choose a destination outside the folder.',
  },
  'HANABI-F011': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'This media address no longer works',
    meaning:
      'An address of OPEN_MEDIA lasts a few minutes, and ends at once with its window, its session, the right to the file, or the content it was made for.',
    fix: 'Ask for a new one with OPEN_MEDIA and go on at the same position.',
  },
  // worker & sandbox
  'HANABI-W001': {
    category: 'UNSUPPORTED',
    http: 404,
    message: 'This module has no worker',
    meaning: 'The manifest names no "entrypoints.worker", so there is nothing to run.',
    fix: 'Add a worker to the module, or do the work in its page.',
  },
  'HANABI-W002': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'No sandbox is enabled on this server',
    meaning:
      'HANABI_WORKER_SANDBOX_BACKEND is "disabled" or the backend could not start. Workers never run outside a sandbox.',
    fix: 'The operator installs bubblewrap and starts the server with HANABI_WORKER_SANDBOX_BACKEND=bubblewrap.',
  },
  'HANABI-W003': {
    category: 'LIMIT',
    http: 422,
    message: 'The worker used more memory than its tier allows',
    meaning: 'Memory is counted over the whole job, its children and its temporary files included.',
    fix: 'Work in smaller pieces, or ask for a larger tier.',
  },
  'HANABI-W004': {
    category: 'LIMIT',
    http: 422,
    message: 'The worker timed out',
    meaning: 'The job ran longer on the wall clock than its tier allows and was ended.',
    fix: 'Do less in one job, or ask for a larger tier.',
  },
  'HANABI-W005': {
    category: 'LIMIT',
    http: 422,
    message: 'The worker used more processor time than its tier allows',
    meaning: 'Processor seconds are counted over all processes of the job.',
    fix: 'Do less in one job, or ask for a larger tier.',
  },
  'HANABI-W006': {
    category: 'LIMIT',
    http: 422,
    message: 'The worker returned more bytes than its tier allows',
    meaning: 'The outputs of a job are bounded; none of them was stored.',
    fix: 'Return smaller files, or ask for a larger tier.',
  },
  'HANABI-W007': {
    category: 'LIMIT',
    http: 422,
    message: 'The worker returned more files than its tier allows',
    meaning: 'The number of outputs of a job is bounded; none of them was stored.',
    fix: 'Return fewer files, for example one archive.',
  },
  'HANABI-W008': {
    category: 'FAILED',
    http: 422,
    message: 'The worker raised an exception',
    meaning: 'The code of the module ended with an exception that it did not catch. The log has the traceback.',
    fix: 'The author reads the traceback in the log of the job.',
  },
  'HANABI-W009': {
    category: 'FAILED',
    http: 422,
    message: 'The worker ended without a result',
    meaning: 'The process exited, was killed or closed its channel before it returned its outputs.',
    fix: 'Return the outputs from run; do not exit the process.',
  },
  'HANABI-W010': {
    category: 'FAILED',
    http: 422,
    message: 'The worker returned something that is not a set of files',
    meaning: 'run returns a dict of names to bytes or str, a list of (name, data), or a list of {"name", "data"}.',
    fix: 'Return one of the three shapes.',
  },
  'HANABI-W011': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'All places for workers are taken',
    meaning: 'The job waited for a free place longer than the server lets it.',
    fix: 'Try again in a moment.',
  },
  'HANABI-W012': {
    category: 'FAILED',
    http: 422,
    message: 'The worker defines no run function',
    meaning: 'The worker file was loaded, but has no callable named run.',
    fix: 'Define run(inputs, options).',
  },
  'HANABI-W013': {
    category: 'FAILED',
    http: 422,
    message: 'The worker could not be loaded',
    meaning: 'The worker file is missing, has a syntax error, or failed while it was imported. The log says where.',
    fix: 'Correct the file; "hanabi module run" shows the same message.',
  },
  'HANABI-W014': {
    category: 'FAILED',
    http: 422,
    message: 'The worker broke the rules of its channel',
    meaning: 'The sandbox sent the host something that is not a valid frame, or too much of it.',
    fix: 'Leave the descriptors of the runner alone.',
  },
  'HANABI-W015': {
    category: 'FAILED',
    http: 500,
    message: 'The sandbox could not be started',
    meaning: 'The machine refused a part of the isolation, and a job never runs with less of it.',
    fix: 'The operator reads the log of the supervisor.',
  },
  'HANABI-W016': {
    category: 'FAILED',
    http: 499,
    message: 'The job was cancelled',
    meaning: 'The page, the user or the server asked for the job to end. Nothing of it was stored.',
    fix: 'Start it again when it is wanted.',
  },
  'HANABI-W017': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'The media tools are not installed on this server',
    meaning:
      'The module was granted worker.native, but the server lacks some of ffmpeg, ImageMagick, libvips and Ghostscript.',
    fix: 'The operator installs the packages that the message names, or sets HANABI_WORKER_NATIVE_ROOT.',
  },
  'HANABI-W018': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'The Python libraries of this module are not available',
    meaning:
      'What dependencies.python asks for was not found, contradicts itself, or came in a wheel that was refused. The detail names the package and the reason.',
    fix: 'The author corrects the requirement, or the operator provides the library: with HANABI_PYTHON_INDEX_URL or from apt.',
  },
  'HANABI-W019': {
    category: 'INVALID',
    http: 409,
    message: 'The job can no longer be cancelled',
    meaning: 'Only a job that is still queued is cancelled; this one is running, or has ended.',
    fix: 'Ask for its state, and wait for its end.',
  },
  'HANABI-W020': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'Job not found',
    meaning:
      'This module has no job with this id for the signed-in user, or it ended so long ago that it was forgotten.',
    fix: 'List the jobs again; the id may be stale.',
  },
  'HANABI-W021': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'Schedule not found',
    meaning: 'This module has no schedule with this id for the signed-in user.',
    fix: 'List the schedules again; the id may be stale.',
  },
  // network & egress
  'HANABI-N001': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The network is not approved for this module',
    meaning: 'ctx.fetch works only where the manifest declares network.fetch and an administrator has approved it.',
    fix: 'List "network.fetch" under "permissions" and the origins under "dependencies.services", and have it approved. On the command line: "hanabi module run --allow-network".',
  },
  'HANABI-N002': {
    category: 'OUT_OF_SCOPE',
    http: 403,
    message: 'This internet address is not one that the module may reach',
    meaning:
      'The origin (scheme, host and port) is not listed in the manifest, or the lists of the administrator exclude it.',
    fix: 'List the exact origin under "dependencies.services", or ask the administrator.',
  },
  'HANABI-N003': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'This address does not lead to the public internet',
    meaning: 'The host is, or its name resolves to, a private, local or reserved address. Such are never reached.',
    fix: 'Use a public address. For a service of its own an operator can name the origin in HANABI_NETWORK_ALLOW_PRIVATE.',
  },
  'HANABI-N004': {
    category: 'FAILED',
    http: 502,
    message: 'The other server redirects too often',
    meaning: 'Redirects within one origin are followed a few times; those to another origin are returned as they came.',
    fix: 'Ask for the final address.',
  },
  'HANABI-N005': {
    category: 'LIMIT',
    http: 413,
    message: 'The request or its answer is too large',
    meaning: 'The bytes of a body, also after decompression, and the number and size of headers are bounded.',
    fix: 'Ask for less at once, for example page by page.',
  },
  'HANABI-N006': {
    category: 'LIMIT',
    http: 429,
    message: 'The job has made too many requests',
    meaning: 'The number of requests of one job is bounded; a redirect that is followed counts as one.',
    fix: 'Make fewer requests, or spread them over several jobs.',
  },
  'HANABI-N007': {
    category: 'LIMIT',
    http: 504,
    message: 'The other server took too long',
    meaning: 'The time from the request to the last byte of the answer is bounded.',
    fix: 'Try again later, or ask for less at once.',
  },
  'HANABI-N008': {
    category: 'LIMIT',
    http: 429,
    message: 'The network budget of the job is spent',
    meaning: 'With network.fetch.broad the bytes that one job may send and receive are bounded.',
    fix: 'Move fewer bytes, or spread them over several jobs.',
  },
  'HANABI-N009': {
    category: 'INVALID',
    http: 400,
    message: 'The request is not valid',
    meaning: 'The address, the method or a header of ctx.fetch is malformed, or not for a worker to set.',
    fix: 'Correct what the message names.',
  },
  'HANABI-N010': {
    category: 'UNAVAILABLE',
    http: 502,
    message: 'The other server cannot be reached',
    meaning:
      'The name does not resolve, the connection was refused or broke, the certificate is not valid, or the answer is not HTTP.',
    fix: 'Check the address; try again later.',
  },
  // validation & packaging
  'HANABI-V001': {
    category: 'INVALID',
    http: 400,
    message: 'Malformed envelope',
    meaning: 'A message is an object with v, type and rid, and plain data beside them.',
    fix: 'Send { v: 1, type, rid, … }; the SDK does.',
  },
  'HANABI-V002': {
    category: 'INVALID',
    http: 400,
    message: 'Malformed payload',
    meaning: 'A field is missing, unknown, or of the wrong shape.',
    fix: 'Compare the request with its row in the reference.',
  },
  'HANABI-V003': {
    category: 'UNSUPPORTED',
    http: 404,
    message: 'Unknown message type',
    meaning: 'This server knows no capability of that name.',
    fix: 'Look the name up in the reference; a newer server may know it.',
  },
  'HANABI-V004': {
    category: 'UNSUPPORTED',
    http: 400,
    message: 'Unknown protocol version',
    meaning: 'The field v names a version of the protocol that this host does not speak.',
    fix: 'Send v: 1.',
  },
  'HANABI-V005': {
    category: 'INVALID',
    http: 400,
    message: 'The manifest is not valid',
    meaning: 'hanabi.module.json breaks a rule; each breach is named with its place.',
    fix: 'Run "hanabi module validate" and mend what it lists.',
  },
  'HANABI-V006': {
    category: 'UNSUPPORTED',
    http: 400,
    message: 'Unknown schema version of the manifest',
    meaning: 'This host reads schema_version "5.0".',
    fix: 'Write "schema_version": "5.0".',
  },
  'HANABI-V007': {
    category: 'INVALID',
    http: 400,
    message: 'Unknown permission',
    meaning: 'The manifest asks for a permission that does not exist.',
    fix: 'Use the name that the message suggests, or look it up in the reference.',
  },
  'HANABI-V008': {
    category: 'INVALID',
    http: 400,
    message: 'The request is not valid',
    meaning: 'The address, a header or the body of a request of the desktop itself was malformed.',
    fix: 'Reload the desktop; if it happens again, report it with the request id.',
  },
  'HANABI-V009': {
    category: 'FAILED',
    http: 500,
    message: 'Something went wrong on the server',
    meaning: 'An internal failure. What happened stands in the log of the server under the request id.',
    fix: 'Try again; the operator finds the cause under the request id.',
  },
  'HANABI-V010': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'There is nothing at this address',
    meaning: 'No route of the server has this address.',
    fix: 'Check the address.',
  },
  'HANABI-V011': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'The server cannot be reached',
    meaning: 'The desktop got no answer from its server.',
    fix: 'Check the connection; the request can be tried again.',
  },
  'HANABI-V012': {
    category: 'INVALID',
    http: 409,
    message: 'The document is not at the version that the request expects',
    meaning: 'Somebody else wrote or deleted the document in the meantime. Nothing was changed.',
    fix: 'Get the document again, apply the change to what is there now, and put it with the new version.',
  },
  // quota
  'HANABI-Q001': {
    category: 'LIMIT',
    http: 413,
    message: 'The value of a setting is too large',
    meaning: 'One value of the settings store is at most 256 KiB of JSON.',
    fix: 'Store large things as a file.',
  },
  'HANABI-Q002': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many requests',
    meaning: 'The module or the address sends more than is allowed in a second.',
    fix: 'Slow down and try again.',
  },
  'HANABI-Q003': {
    category: 'LIMIT',
    http: 507,
    message: 'There is no room left on the disk of the server',
    meaning: 'The write was refused and nothing of it was kept.',
    fix: 'Delete files, or ask the operator for more room.',
  },
  'HANABI-Q004': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many jobs of this module are under way',
    meaning: 'The number of jobs that one module may have under way is bounded.',
    fix: 'Wait for one of them to end.',
  },
  'HANABI-Q005': {
    category: 'LIMIT',
    http: 413,
    message: 'The storage quota of the user is used up',
    meaning:
      'All files of a user together, those in the Trash and copies included, take at most what the operator allows.',
    fix: 'Empty the Trash or delete files, or ask the operator for more room.',
  },
  'HANABI-Q006': {
    category: 'LIMIT',
    http: 413,
    message: 'Too many files and folders for one request',
    meaning: 'The number of files and folders that one request may copy is bounded. Nothing was copied.',
    fix: 'Copy the parts one after the other.',
  },
  'HANABI-Q007': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'The server is busy with other requests',
    meaning:
      'Files that travel as base64 are held in memory, and passwords take work to check; how much of either is under way at a time is bounded. The request waited for its turn for too long.',
    fix: 'Try again in a moment. Read and write large files with the encoding "buffer" or "blob", which does not wait.',
  },
  'HANABI-Q008': {
    category: 'LIMIT',
    http: 413,
    message: 'The quota of collections is used up',
    meaning: 'The number of collections that a module may keep for one user is bounded. Nothing was stored.',
    fix: 'Delete a collection, or keep documents of several kinds in one and tell them apart by a field.',
  },
  'HANABI-Q009': {
    category: 'LIMIT',
    http: 413,
    message: 'The quota of records is used up',
    meaning:
      'The number of documents that a module may keep for one user, in all its collections, is bounded. Nothing was stored.',
    fix: 'Delete documents that are no longer needed.',
  },
  'HANABI-Q010': {
    category: 'LIMIT',
    http: 413,
    message: 'The quota of bytes for documents is used up',
    meaning: 'All documents that a module keeps for one user together take at most so many bytes. Nothing was stored.',
    fix: 'Delete documents, or store large things as files.',
  },
  'HANABI-Q011': {
    category: 'LIMIT',
    http: 413,
    message: 'The document is too large',
    meaning:
      'One document is bounded in its bytes as JSON and in the number of its top-level fields. Nothing was stored.',
    fix: 'Split it into several documents, or store it as a file.',
  },
  'HANABI-Q012': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many schedules',
    meaning: 'The number of schedules that a module may have for one user is bounded.',
    fix: 'Delete one that is no longer needed, or have one schedule do the work of several.',
  },
  'HANABI-Q013': {
    category: 'LIMIT',
    http: 429,
    message: 'The schedule would run too often',
    meaning: 'Between two runs of a schedule lies a minimum interval.',
    fix: 'Choose a longer interval, or a cron expression whose times lie further apart.',
  },
  // module lifecycle
  'HANABI-M001': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'This module is not installed',
    meaning: 'No module with this id is installed on the server.',
    fix: 'Install it first.',
  },
  'HANABI-M002': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'This window is no longer open',
    meaning: 'The launch has ended: its window was closed, the session ended, or the module was changed.',
    fix: 'Open the module again.',
  },
  'HANABI-M003': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The page of a module opens only inside the desktop',
    meaning: 'Assets of this module need the ticket of a launch.',
    fix: 'Open the module from the Start menu.',
  },
  'HANABI-M004': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'The module has no such asset',
    meaning: 'The package of the module holds no servable file at this path.',
    fix: 'Check the relative link in the page of the module.',
  },
  'HANABI-M005': {
    category: 'FAILED',
    http: 409,
    message: 'The module left its page',
    meaning: 'The frame navigated by itself, so its bridge was taken away.',
    fix: 'Open the module again.',
  },
  'HANABI-M006': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'This client was disposed',
    meaning: 'dispose() of the SDK was called: what was pending gets no answer, and nothing more is sent.',
    fix: 'Create a new client.',
  },
  'HANABI-M007': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'The worker tier of this module is not known here',
    meaning: 'The manifest names a tier that the operator of this server has not defined, or has taken away again.',
    fix: 'Name one of the tiers that "hanabi tier list" shows, or ask the operator to define it.',
  },
  // account & sign-in
  'HANABI-A001': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'Please sign in',
    meaning: 'The request carries no session.',
    fix: 'Sign in.',
  },
  'HANABI-A002': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'Name or password is wrong',
    meaning: 'The two do not belong together. Which of them is wrong is not told.',
    fix: 'Try again.',
  },
  'HANABI-A003': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many failed sign-ins',
    meaning: 'Signing in is slowed down after repeated failures from one address, or for one name.',
    fix: 'Wait a minute and try again.',
  },
  'HANABI-A004': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'The session has ended',
    meaning: 'It expired, or was ended elsewhere.',
    fix: 'Sign in again.',
  },
  'HANABI-A005': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The request did not come from the desktop',
    meaning: 'Its origin or its token does not match the session.',
    fix: 'Reload the desktop and try again.',
  },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** What crosses a border when something failed. */
export interface ErrorBody {
  code: ErrorCode;
  category: ErrorCategory;
  message: string;
  /** Last lines a worker printed, for its author. */
  log?: string;
  /** The failed job, where there is one. */
  jobId?: string;
  /** Where the operator finds the cause of an internal failure. */
  requestId?: string;
}

export interface ErrorExtras {
  log?: string;
  jobId?: string;
  requestId?: string;
  /** For the log only; never leaves the process. */
  cause?: unknown;
}

/** A failure with a code of the table and at most one concrete detail. */
export class HanabiError extends Error {
  readonly code: ErrorCode;
  readonly category: ErrorCategory;
  readonly http: number;
  readonly log: string | undefined;
  readonly jobId: string | undefined;
  readonly requestId: string | undefined;

  constructor(code: ErrorCode, detail?: string, extras: ErrorExtras = {}) {
    const row = ERRORS[code];
    super(detail ? `${row.message}: ${detail}` : row.message, { cause: extras.cause });
    this.name = 'HanabiError';
    this.code = code;
    this.category = row.category;
    this.http = row.http;
    this.log = extras.log;
    this.jobId = extras.jobId;
    this.requestId = extras.requestId;
  }

  /** The body that leaves the process. */
  toBody(): ErrorBody {
    const body: ErrorBody = { code: this.code, category: this.category, message: this.message };
    if (this.log !== undefined) body.log = this.log;
    if (this.jobId !== undefined) body.jobId = this.jobId;
    if (this.requestId !== undefined) body.requestId = this.requestId;
    return body;
  }

  /** The error that a body from across a border stands for; the message is kept as it came. */
  static fromBody(body: ErrorBody): HanabiError {
    const error = new HanabiError(isErrorCode(body.code) ? body.code : 'HANABI-V009', undefined, body);
    error.message = body.message;
    return error;
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
