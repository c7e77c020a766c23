/**
 * Every failure that a person or a module can see. Codes are never renumbered; the reference page, the SDK's types
 * and the server's HTTP answers are derived from this table.
 */
import type { Permission } from './permissions.ts';
import type { FolderRole } from './schema.ts';

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

/** What a request has to pass, in this order. */
export const CHECKS = ['declared', 'granted', 'scoped'] as const;
export type Check = (typeof CHECKS)[number];

interface ErrorRow {
  readonly category: ErrorCategory;
  /** HTTP status of an answer that carries this code. */
  readonly http: number;
  /** Which of the three checks has refused. */
  readonly check?: Check;
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
    check: 'declared',
    message: 'The module does not declare this permission',
    meaning: 'The first check: the manifest lacks the permission that the request needs.',
    fix: 'Add the permission to "permissions" in hanabi.module.json and install the module again.',
  },
  'HANABI-P002': {
    category: 'PERMISSION_DENIED',
    http: 403,
    check: 'granted',
    message: 'This permission was not granted',
    meaning: 'The second check: the manifest declares the permission, but it was refused or revoked.',
    fix: 'Ask the user, or for an admin capability the administrator, to grant it.',
  },
  'HANABI-P003': {
    category: 'PERMISSION_DENIED',
    http: 403,
    check: 'granted',
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
    check: 'scoped',
    message: 'File or folder not found',
    meaning:
      'Nothing with this id exists for the signed-in user. Files of other users are never told apart from missing ones.',
    fix: 'List the folder again; the id may be stale.',
  },
  'HANABI-F002': {
    category: 'OUT_OF_SCOPE',
    http: 403,
    check: 'scoped',
    message: 'File outside module scope',
    meaning: 'The third check: the file belongs to the user, but not to a folder that this module may touch.',
    fix: 'Ask the user to pick the file, or to open it with the module.',
  },
  'HANABI-F003': {
    category: 'NOT_FOUND',
    http: 404,
    check: 'scoped',
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
  'HANABI-F012': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'The storage of the server does not work at the moment',
    meaning:
      'The disk refused to write or to read, or the store that holds the contents is away or stands still. Nothing of the request was kept; what was stored before stays as it was.',
    fix: 'Try again in a moment. The operator finds the cause under the request id in the log of the server.',
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
    fix: 'Set up the backend that is asked for: HANABI_WORKER_SANDBOX_BACKEND=bubblewrap takes the program bubblewrap, and container takes Docker and the image that `hanabi worker-image build` makes. The operator of a server does it, and starts the server again.',
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
  'HANABI-W022': {
    category: 'NOT_FOUND',
    http: 409,
    message: 'What the job worked on is not there any more',
    meaning:
      'A job is run again on the very same contents. One of its input files has been deleted or changed since, or the job is from before its inputs were kept on record.',
    fix: 'Start it from the module, on the files as they are now.',
  },
  'HANABI-W023': {
    category: 'LIMIT',
    http: 409,
    message: 'The last run of this schedule is not through',
    meaning: 'Runs of one schedule never pile up: while one of its jobs waits or runs, no other is started.',
    fix: 'Wait for it or cancel it, then try again.',
  },
  'HANABI-W024': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'The module has no service',
    meaning: 'The manifest names no service under "entrypoints", so there is nothing that could be kept running.',
    fix: 'Name the program under "entrypoints.service" and list "worker.service" under "permissions".',
  },
  'HANABI-W025': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'The service does not run',
    meaning: 'Only a service that runs can be asked for a tick.',
    fix: 'Start it, then try again.',
  },
  'HANABI-W026': {
    category: 'UNSUPPORTED',
    http: 400,
    message: 'The host does not do this for a service',
    meaning: 'The program asked its ctx for something that does not exist, or with parameters of the wrong shape.',
    fix: 'Compare the call with the guide to services.',
  },
  'HANABI-W027': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'Paused since the server was restored from a backup',
    meaning:
      'Schedules, services and workflows of a restored server wait until somebody has seen that nothing is done twice.',
    fix: 'Switch it on again, or all of them with "hanabi schedule resume --all", "hanabi service resume --all" and "hanabi workflow resume --all".',
  },
  'HANABI-W028': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'The module has no workflows',
    meaning: 'The manifest names no file of workflows under "entrypoints".',
    fix: 'Name it under "entrypoints.workflow" and list "worker.workflow" under "permissions".',
  },
  'HANABI-W029': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'There is no such workflow',
    meaning:
      'No run with this id belongs to this user and module, or it has ended and what was asked needs one that runs.',
    fix: 'Look at the list of workflows.',
  },
  'HANABI-W030': {
    category: 'INVALID',
    http: 409,
    message: 'The workflow is there already',
    meaning:
      'Of one id, one workflow runs at a time; whether the id of one that has ended may be used again says `idReusePolicy`.',
    fix: 'Use another id, or wait for its end.',
  },
  'HANABI-W031': {
    category: 'FAILED',
    http: 422,
    message: 'The workflow did not answer',
    meaning: 'A query failed, or its code could not be executed.',
    fix: 'Look at the last failure of its task on the Workflows page.',
  },
  'HANABI-W032': {
    category: 'UNAVAILABLE',
    http: 503,
    message: 'The Temporal cluster cannot be used',
    meaning:
      'The server keeps its workflows on a cluster (HANABI_WORKFLOW_ENGINE). That does not answer or refuses, or Temporal’s packages, which the server needs for it, are not installed.',
    fix: 'Try again in a while. For the operator: the log says why; the packages are installed by "npm ci --prefix tools/temporal".',
  },
  'HANABI-W033': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'There is no such activity',
    meaning:
      'The workflow has no activity of this id that has begun and not ended, or the token is that of an earlier attempt.',
    fix: 'Look at what the workflow waits for in the Workflows window.',
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
    message: 'The network budget is spent',
    meaning:
      'With network.fetch.broad the bytes that one job, and all jobs and the service of a module in a day, may send and receive are bounded.',
    fix: 'Move fewer bytes, or spread them over several jobs or days.',
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
  'HANABI-N011': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'There is no such connection',
    meaning:
      'The user has lent this module no connection of that kind, or has taken it back, or the manifest does not name the connector.',
    fix: 'Add a connection under Account and let the module use it; list the connector under "dependencies.connectors".',
  },
  'HANABI-N012': {
    category: 'FAILED',
    http: 502,
    message: 'The other service refused',
    meaning: 'It was reached with the credentials of the connection, and answered with an error of its own.',
    fix: 'Read what it says. Where "retry_after" is there, wait for so many seconds.',
  },
  'HANABI-N013': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The order was not sent',
    meaning:
      'The connection may not trade, the order or the orders of the day would cost more than the user allows, or what it costs cannot be known beforehand.',
    fix: 'The user sets the switch and the limits under Account. Give a price, or on spot the amount in the quote currency.',
  },
  'HANABI-N014': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'The credentials of the connection cannot be opened',
    meaning: 'They were sealed with a key that this server does not have: backups do not contain it.',
    fix: 'Type the credentials in again, or give the server its key back.',
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
  'HANABI-V013': {
    category: 'INVALID',
    http: 400,
    message: 'The package is not a sound zip file',
    meaning:
      'It is damaged or cut off, holds bytes before, between or behind its entries, or its headers contradict each other or its contents.',
    fix: 'Make the package with "hanabi module pack".',
  },
  'HANABI-V014': {
    category: 'UNSUPPORTED',
    http: 400,
    message: 'The package uses a kind of zip that is not taken',
    meaning:
      'Encrypted entries, several disks, zip64, comments and methods other than stored and deflated are refused.',
    fix: 'Make the package with "hanabi module pack".',
  },
  'HANABI-V015': {
    category: 'LIMIT',
    http: 413,
    message: 'The package is too large',
    meaning: 'Its bytes, its entries, the bytes of one and of all of them unpacked, and their ratio are bounded.',
    fix: 'Leave out what the module does not need; the limits stand in the reference.',
  },
  'HANABI-V016': {
    category: 'INVALID',
    http: 400,
    message: 'The package holds an unsafe path',
    meaning:
      'Paths are relative, with forward slashes and neither "..", empty parts, control characters nor names that some system reserves, and bounded in length and depth.',
    fix: 'Rename the file, and make the package with "hanabi module pack".',
  },
  'HANABI-V017': {
    category: 'INVALID',
    http: 400,
    message: 'Two names in the package collide',
    meaning:
      'A path stands twice, differs from another only in case or in how its characters are composed, or is a file and a folder at once.',
    fix: 'Give each file a name of its own.',
  },
  'HANABI-V018': {
    category: 'INVALID',
    http: 400,
    message: 'The package holds something that is neither file nor folder',
    meaning: 'Links, devices, pipes and sockets have no place in a package.',
    fix: 'Replace the link with the file it leads to.',
  },
  'HANABI-V019': {
    category: 'INVALID',
    http: 400,
    message: 'The package holds a file that does not belong in it',
    meaning: 'Secrets, such as .env files and private keys, and native programs and libraries are refused.',
    fix: 'Move the file out of the module folder. A key that was in a package is no secret any more: replace it.',
  },
  'HANABI-V020': {
    category: 'INVALID',
    http: 400,
    message: 'The signature of the package is not valid',
    meaning:
      'hanabi.signature.json does not fit the files, is malformed, or was made with another key than the version that is installed.',
    fix: 'Sign the package with the key of its developer: "hanabi module pack --key FILE".',
  },
  'HANABI-V021': {
    category: 'INVALID',
    http: 400,
    message: 'The package breaks a rule',
    meaning:
      'An entry point is missing or no page, the worker has a syntax error, or sample inputs are missing; each breach is named with its place.',
    fix: 'Run "hanabi module validate" and mend what it lists.',
  },
  'HANABI-V022': {
    category: 'INVALID',
    http: 400,
    message: 'The filter is not understood',
    meaning:
      "A list of workflows is filtered by comparisons of fields, such as `WorkflowType = 'Approval' AND days > 3`. Where it stops being one is named.",
    fix: 'Look at the character that is named. Texts and times stand in quotes; AND, OR, NOT and brackets connect comparisons.',
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
  'HANABI-Q014': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many services',
    meaning: 'The number of services that run at a time is bounded, for each user and for the whole server.',
    fix: 'Stop one that is no longer needed.',
  },
  'HANABI-Q015': {
    category: 'LIMIT',
    http: 413,
    message: 'The service keeps too much',
    meaning: 'State, files and widgets of a service are bounded in number and size. Nothing was stored.',
    fix: 'Delete what is no longer needed, or keep less in one place.',
  },
  'HANABI-Q016': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many workflows',
    meaning: 'The number of workflows of a user that have not ended is bounded.',
    fix: 'Wait for some to end, or terminate those that are no longer needed.',
  },
  'HANABI-Q017': {
    category: 'LIMIT',
    http: 429,
    message: 'Too many shortcuts',
    meaning: 'The number of shortcuts that a module may put onto a desktop is bounded.',
    fix: 'Remove one that is no longer needed.',
  },
  'HANABI-Q018': {
    category: 'LIMIT',
    http: 429,
    message: 'The workflow takes no more',
    meaning: 'What waits for a workflow to hear of it is bounded, and so are the bytes of its history.',
    fix: 'Wait until it has gone on. A workflow that lives long should continue as new from time to time.',
  },
  'HANABI-Q019': {
    category: 'LIMIT',
    http: 429,
    message: 'The history of the workflow is full',
    meaning:
      'The events and the bytes of a history are bounded. The workflow was terminated when it went on beyond that.',
    fix: 'Have it continue as new from time to time: `workflow.info().is_continue_as_new_suggested()` says when.',
  },
  // module lifecycle
  'HANABI-M001': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'This module is not installed',
    meaning: 'No module with this id comes with the server, and this user has not installed one from the Module Store.',
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
  'HANABI-M008': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'The module was uninstalled',
    meaning:
      'It was removed while a window of it was open, a job of it ran or a schedule of it was due. What was under way has ended.',
    fix: 'Install it again from the Module Store. What it kept is still there unless its data was deleted, too.',
  },
  'HANABI-M009': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'The module was suspended',
    meaning: 'An administrator has stopped it for everybody. What was under way has ended; its data is kept.',
    fix: 'Ask the administrator; a newer version may bring it back.',
  },
  'HANABI-M010': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'This module belongs to another developer',
    meaning: 'The id was taken by the first who uploaded a package with it, or by a module of the server itself.',
    fix: 'Choose another id.',
  },
  'HANABI-M011': {
    category: 'INVALID',
    http: 409,
    message: 'The version has to be higher',
    meaning: 'A version of a module that was submitted never changes; the next package has a higher version.',
    fix: 'Raise "version" in hanabi.module.json.',
  },
  'HANABI-M012': {
    category: 'INVALID',
    http: 409,
    message: 'This cannot be done with the version as it is',
    meaning:
      'Drafts are submitted, submitted versions are decided, live modules are suspended, and versions that were live are gone back to.',
    fix: 'Load the page again; somebody else may have been quicker.',
  },
  'HANABI-M013': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'There is no such version',
    meaning: 'No package of this module with this version was uploaded, or not by you.',
    fix: 'Load the list again.',
  },
  'HANABI-M014': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'Your account does not have the role for this',
    meaning: 'Publishing modules needs the role of a developer; deciding about them that of an administrator.',
    fix: 'Ask an administrator for the role.',
  },
  'HANABI-M015': {
    category: 'UNAVAILABLE',
    http: 409,
    message: 'The replay has come to its end',
    meaning:
      'A recording answers this window, and it has no answer to this request: the module did something else before.',
    fix: 'Look at the first difference in the debugger; open the module without a replay to have it answered.',
  },
  'HANABI-M016': {
    category: 'INVALID',
    http: 400,
    message: 'This recording cannot be replayed',
    meaning: 'The file is no recording of the debugger, is of another format, or lacks its beginning.',
    fix: 'Record again: open the module from the debugger, and export without clearing.',
  },
  'HANABI-M017': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'Shortcut not found',
    meaning: 'There is no shortcut with this id on the desktop, or another module has made it.',
    fix: 'Make it again if it is still wanted; the user may have removed it.',
  },
  'HANABI-M018': {
    category: 'FAILED',
    http: 409,
    message: 'The module takes the focus from the desktop',
    meaning:
      'Its page took the keys again and again while the desktop asked something or showed a panel, so it was stopped.',
    fix: 'Set the focus only when the person does something in the page.',
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
  'HANABI-A006': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'This is for administrators',
    meaning: 'The account of the session does not have the role that the request needs.',
    fix: 'Ask an administrator to do it, or to give the account the role.',
  },
  'HANABI-A007': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'This invitation does not work any more',
    meaning: 'It was used, withdrawn or replaced, it has expired, or the link is not complete.',
    fix: 'Ask the one who sent it for a new one.',
  },
  'HANABI-A008': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'A code of your authenticator app is needed, too',
    meaning: 'Name and password are right, and this account has a second factor.',
    fix: 'Type the six digits that the app shows now, or one of the recovery codes.',
  },
  'HANABI-A009': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'This code is wrong, or was used before',
    meaning: 'A code of the authenticator app works once, for about a minute; a recovery code works once.',
    fix: 'Wait for the next code. If none is ever right, correct the clock of the telephone.',
  },
  'HANABI-A010': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'Please confirm that it is you',
    meaning:
      'What was asked for decides over the account, and the last proof of who is sitting there is some time ago.',
    fix: 'Type the password again, or confirm with a passkey; who has neither signs out and in again.',
  },
  'HANABI-A011': {
    category: 'INVALID',
    http: 409,
    message: 'This name is taken',
    meaning: 'Another account has this name, or one that differs only in case, accents or width.',
    fix: 'Choose another name.',
  },
  'HANABI-A012': {
    category: 'INVALID',
    http: 400,
    message: 'This cannot be the name of an account',
    meaning:
      'Names begin with a letter or a digit, and hold letters, digits, spaces, dots, dashes, underscores and "@".',
    fix: 'Choose another name.',
  },
  'HANABI-A013': {
    category: 'INVALID',
    http: 400,
    message: 'This password is too easy to guess',
    meaning: 'It is too short, has hardly two different characters, or is the name of the account.',
    fix: 'Choose a longer one; a few words that have nothing to do with each other are good.',
  },
  'HANABI-A014': {
    category: 'INVALID',
    http: 409,
    message: 'There has to be an administrator',
    meaning: 'This account is the last administrator who can sign in.',
    fix: 'Make another account an administrator first.',
  },
  'HANABI-A015': {
    category: 'NOT_FOUND',
    http: 404,
    message: 'There is no such account or session',
    meaning: 'It was removed in the meantime, or the id is not complete.',
    fix: 'Load the list again.',
  },
  'HANABI-A016': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'This passkey was not accepted',
    meaning: 'No account here has it, it was made for another address of the desktop, or its answer came too late.',
    fix: 'Try again, or sign in with the password.',
  },
  'HANABI-A017': {
    category: 'PERMISSION_DENIED',
    http: 401,
    message: 'Signing in through the other service did not work',
    meaning:
      'The service refused or cannot be reached, its answer does not belong to what this browser began, came twice, or came too late.',
    fix: 'Begin again from the sign-in page. If it never works, the operator checks the HANABI_OIDC_ settings and the log.',
  },
  'HANABI-A018': {
    category: 'PERMISSION_DENIED',
    http: 403,
    message: 'The account of the other service does not belong to an account here',
    meaning:
      'It was not connected to one, or to another one. Accounts are never connected because a name or an e-mail address is the same.',
    fix: 'Sign in with the password first and connect it under Account.',
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
  /** What one of the three checks missed, where a permission would have helped. */
  permission?: Permission;
  /** The folder that the module does not have. */
  role?: FolderRole;
}

export interface ErrorExtras {
  log?: string;
  jobId?: string;
  requestId?: string;
  permission?: Permission;
  role?: FolderRole;
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
  readonly permission: Permission | undefined;
  readonly role: FolderRole | undefined;

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
    this.permission = extras.permission;
    this.role = extras.role;
  }

  /** The body that leaves the process. */
  toBody(): ErrorBody {
    const body: ErrorBody = { code: this.code, category: this.category, message: this.message };
    if (this.log !== undefined) body.log = this.log;
    if (this.jobId !== undefined) body.jobId = this.jobId;
    if (this.requestId !== undefined) body.requestId = this.requestId;
    if (this.permission !== undefined) body.permission = this.permission;
    if (this.role !== undefined) body.role = this.role;
    return body;
  }

  /** The error that a body from across a border stands for; the message is kept as it came. */
  static fromBody(body: ErrorBody): HanabiError {
    const error = new HanabiError(isErrorCode(body.code) ? body.code : 'HANABI-V009', undefined, body);
    error.message = body.message;
    return error;
  }
}

/** Which of the three checks a code is the refusal of, if of any. */
export function checkBehind(code: ErrorCode): Check | undefined {
  const row: ErrorRow = ERRORS[code];
  return row.check;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERRORS, value);
}
