import type { Fields } from '../wire.ts';

/** Which kinds of tasks a worker takes. */
export interface Served {
  readonly workflows: boolean;
  readonly activities: boolean;
  /** How many of each kind at a time. */
  readonly at_a_time?: { readonly tasks: number; readonly activities: number };
}

/** Whom a worker works for. */
export interface WorkerPlace {
  readonly namespace: string;
  readonly taskQueue: string;
  /** How the cluster's pages name this worker. */
  readonly identity: string;
}

const CACHED_RUNS = 500;
const TASKS_AT_A_TIME = 100;
const POLLS_AT_A_TIME = 5;
const STICKY_MS = 10_000;
const HEARTBEAT_THROTTLE_MS = 30_000;
const HEARTBEAT_THROTTLE_MS_MAX = 60_000;
const SHUTDOWN_GRACE_MS = 5000;

const MANY = { tasks: TASKS_AT_A_TIME, activities: TASKS_AT_A_TIME };
const slots = (count: number) => ({ type: 'fixed-size', numSlots: count });
const poller = { type: 'simple-maximum', maximum: POLLS_AT_A_TIME };

/** All that the native module wants to be told of a worker. */
export function workerOptions(
  { namespace, taskQueue, identity }: WorkerPlace,
  { workflows, activities, at_a_time = MANY }: Served,
): Fields {
  return {
    identity,
    buildId: 'hanabi',
    useVersioning: false,
    workerDeploymentOptions: null,
    taskQueue,
    namespace,
    tuner: {
      workflowTaskSlotSupplier: slots(at_a_time.tasks),
      activityTaskSlotSupplier: slots(at_a_time.activities),
      localActivityTaskSlotSupplier: slots(at_a_time.activities),
      nexusTaskSlotSupplier: slots(1),
      resourceBasedTunerConfig: null,
    },
    nonStickyToStickyPollRatio: 0.2,
    workflowTaskPollerBehavior: poller,
    activityTaskPollerBehavior: poller,
    nexusTaskPollerBehavior: poller,
    taskTypes: {
      enableWorkflows: workflows,
      enableLocalActivities: workflows && activities,
      enableRemoteActivities: activities,
      enableNexus: false,
    },
    stickyQueueScheduleToStartTimeout: STICKY_MS,
    maxCachedWorkflows: CACHED_RUNS,
    maxHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS_MAX,
    defaultHeartbeatThrottleInterval: HEARTBEAT_THROTTLE_MS,
    maxTaskQueueActivitiesPerSecond: null,
    maxActivitiesPerSecond: null,
    maxEagerActivityReservationsPerWorkflowTask: 3,
    shutdownGraceTime: SHUTDOWN_GRACE_MS,
    plugins: [],
    storageDrivers: [],
    workflowFailureErrors: [],
    workflowTypesToFailureErrors: {},
    disablePayloadErrorLimit: false,
  };
}

/** The native module keeps to itself: no metrics, and only errors on standard error. */
export const RUNTIME_OPTIONS: Fields = {
  logExporter: { type: 'console', filter: 'ERROR', format: null },
  telemetry: { attachServiceName: false, metricPrefix: 'temporal_' },
  metricsExporter: null,
  workerHeartbeatIntervalMillis: null,
};
