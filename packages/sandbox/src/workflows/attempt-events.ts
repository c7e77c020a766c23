import { type Failure, type Fields, type HistoryEvent, type Payload, wireTime } from './wire.ts';

/** One attempt of an activity, as far as the code that runs it is told. */
export interface AttemptNames {
  readonly scheduled: HistoryEvent;
  readonly attempt: number;
  readonly heartbeat: readonly Payload[];
  readonly started_ms: number;
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
}

/** What whoever runs an attempt is given. */
export function activityTask(names: AttemptNames): Fields {
  const { scheduled, attempt, heartbeat, started_ms, workflowId, runId, workflowType } = names;
  const { activityType, input, ...fields } = scheduled.attributes;
  return {
    ...fields,
    activityType: activityType?.name,
    input,
    attempt,
    heartbeatDetails: heartbeat,
    scheduledTime: wireTime(scheduled.eventTime_ms),
    startedTime: wireTime(started_ms),
    workflowExecution: { workflowId, runId },
    workflowType,
  };
}

/** The failure of an activity for good, around what its last attempt failed with. */
export function activityFailure({ eventId, attributes }: HistoryEvent, cause: Failure, retryState: string): Failure {
  const { activityType, activityId } = attributes;
  return {
    message: 'Activity task failed',
    cause,
    activityFailureInfo: { scheduledEventId: eventId, activityType, activityId, retryState },
  };
}

/** `kind`: SCHEDULE_TO_START, START_TO_CLOSE, SCHEDULE_TO_CLOSE or HEARTBEAT. `details`: of the last heartbeat. */
export function attemptTimeOut(kind: string, details: readonly Payload[]): Failure {
  const lastHeartbeatDetails = { payloads: details };
  return {
    message: 'activity timed out',
    timeoutFailureInfo: { timeoutType: `TIMEOUT_TYPE_${kind}`, lastHeartbeatDetails },
  };
}
