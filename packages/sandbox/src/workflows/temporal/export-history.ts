import { type Fields, type HistoryEvent, wireTime } from '../wire.ts';
import { ATTRIBUTES, type ExportContext, localActivityMarker } from './event-attributes.ts';

/**
 * The events of a history as Temporal would have written them. There are differences of bookkeeping: Temporal writes
 * down when an activity began, and of a local activity only how it ended, as a marker of the task that heard of it. So
 * events have other numbers there.
 */
export function exportHistory(events: readonly HistoryEvent[], namespace: string): Fields[] {
  const history = new ExportedHistory(namespace);
  for (const event of events) history.take(event);
  return history.exported;
}

class ExportedHistory implements ExportContext {
  readonly exported: Fields[] = [];
  readonly namespace: string;
  taskCompletedEventId = 0;
  taskScheduledEventId = 0;
  taskStartedEventId = 0;
  readonly #ids = new Map<number, number>();
  readonly #started = new Map<number, number>();
  readonly #accepted = new Map<string, number>();
  /** Local activities that were asked for, by their event. */
  readonly #local = new Map<number, Fields>();
  /** Those that ended and wait for the task that hears of it. */
  #markers: Fields[] = [];

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  readonly idOf = (eventId: number): number => this.#ids.get(eventId) ?? 0;
  readonly startedOf = (askedEventId: number): number | undefined => this.#started.get(askedEventId);
  readonly acceptedOf = (protocolInstanceId: string): number | undefined => this.#accepted.get(protocolInstanceId);

  take(event: HistoryEvent): void {
    const { eventId, eventType, eventTime_ms, attributes } = event;
    if (eventType === 'ACTIVITY_TASK_SCHEDULED' && attributes['isLocal']) {
      this.#local.set(eventId, attributes);
      return;
    }
    const local = eventType.startsWith('ACTIVITY_')
      ? this.#local.get(attributes['scheduledEventId'] as number)
      : undefined;
    if (local) {
      if (ACTIVITY_END.test(eventType)) this.#markers.push(localActivityMarker(local, attributes, eventTime_ms));
      return;
    }
    if (ACTIVITY_END.test(eventType)) this.#beginActivity(event);
    const exportedId = this.#write(eventType, eventTime_ms, attributes);
    this.#ids.set(eventId, exportedId);
    this.#note(event, exportedId);
  }

  #note({ eventType, eventTime_ms, attributes }: HistoryEvent, exportedId: number): void {
    switch (eventType) {
      case 'WORKFLOW_TASK_SCHEDULED':
        this.taskScheduledEventId = exportedId;
        return;
      case 'WORKFLOW_TASK_STARTED':
        this.taskStartedEventId = exportedId;
        return;
      case 'WORKFLOW_TASK_COMPLETED':
        this.taskCompletedEventId = exportedId;
        for (const marker of this.#markers.splice(0)) this.#append('MARKER_RECORDED', eventTime_ms, marker);
        return;
      case 'CHILD_WORKFLOW_EXECUTION_STARTED':
        this.#started.set(attributes['initiatedEventId'] as number, exportedId);
        return;
      case 'WORKFLOW_EXECUTION_UPDATE_ACCEPTED':
        this.#accepted.set(attributes['protocolInstanceId'] as string, exportedId);
        return;
      default:
    }
  }

  /** Temporal writes down the last attempt that began, when it ended. */
  #beginActivity({ eventTime_ms, attributes }: HistoryEvent): void {
    const exportedId = this.#write('ACTIVITY_TASK_STARTED', eventTime_ms, attributes);
    this.#started.set(attributes['scheduledEventId'] as number, exportedId);
  }

  #write(eventType: string, time_ms: number, { userMetadata, ...attributes }: Fields): number {
    const translate = ATTRIBUTES[eventType];
    if (!translate) throw new TypeError(`Temporal has no event ${eventType}`);
    return this.#append(eventType, time_ms, translate(attributes, this), userMetadata);
  }

  #append(eventType: string, time_ms: number, attributes: Fields, userMetadata?: Fields): number {
    const eventId = this.exported.length + 1;
    this.exported.push({
      eventId,
      eventTime: wireTime(time_ms),
      eventType: `EVENT_TYPE_${eventType}`,
      [`${camelCase(eventType)}EventAttributes`]: attributes,
      userMetadata,
    });
    return eventId;
  }
}

const ACTIVITY_END = /^ACTIVITY_TASK_(?:COMPLETED|FAILED|TIMED_OUT|CANCELED)$/;

function camelCase(name: string): string {
  return name.toLowerCase().replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
