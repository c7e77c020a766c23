export { buildWorkerImage, type ImageBuildStep, type WorkerImage } from './container/build-image.ts';
export { type ContainerSettings, containerSettings } from './container/settings.ts';
export { checkPython } from './check-python.ts';
export { createSandbox } from './create-sandbox.ts';
export { type HostFetch, hostFetch, type HostRequest } from './egress/host-fetch.ts';
export { type NetworkRules, readDomains, readOrigins } from './egress/network-rules.ts';
export type { NetworkPolicy } from './egress/policy.ts';
export { Places } from './places.ts';
export { Turns } from './egress/turns.ts';
export type { JobEvent, JobOutput, JobResult, JobSpec, Sandbox, SandboxOptions, SandboxStatus } from './sandbox.ts';
export type { ServiceEvent, ServiceSession, ServiceSpec, ServiceUsage, Told } from './service/service.ts';
export { type ServiceNews, ServiceRunner, type Standing } from './service/service-runner.ts';
export { readTiers } from './read-tiers.ts';
export { connectEgress } from './socket/connect-egress.ts';
export { connectLibraries } from './socket/connect-libraries.ts';
export { connectSandbox } from './socket/connect-sandbox.ts';
export { serveSandbox } from './socket/serve-sandbox.ts';
export { createLibraries } from './libraries/create-libraries.ts';
export type { Libraries, LibraryLayer, LibraryLock, LibrarySettings } from './libraries/libraries.ts';
export { librarySettings } from './libraries/settings.ts';
export { activityFailure, activityTask, attemptTimeOut } from './workflows/attempt-events.ts';
export { cronRequest, requireCalm, startDelay } from './workflows/cron.ts';
export { EngineError } from './workflows/engine-error.ts';
export { isCommandEvent } from './workflows/command-events.ts';
export { NondeterminismError, NOTHING_DONE, NOTHING_MORE } from './workflows/nondeterminism.ts';
export { playBack, type Playback, type PlaybackProblem } from './workflows/play-back.ts';
export { retryVerdict } from './workflows/retry.ts';
export { childNotStarted, childRequest, childStarted, externalAnswer } from './workflows/other-runs.ts';
export { childEndEvent, endOf, type RunEnd, type RunStatus } from './workflows/run-end.ts';
export { type AttributeKind, changesIn, type IndexedValue } from './workflows/listing/attributes.ts';
export { isListField, LIST_FIELDS, type ListField, timeIn } from './workflows/listing/fields.ts';
export {
  type Comparator,
  type FilterValue,
  type ListFilter,
  parseListFilter,
} from './workflows/listing/list-filter.ts';
export { payloadOf, valueOf } from './workflows/payloads.ts';
export { bridgeFolder, loadBridge } from './workflows/temporal/bridge.ts';
export { Cluster, type ClusterCaller } from './workflows/temporal/cluster.ts';
export { clusterAsks } from './workflows/temporal/cluster-asks.ts';
export { ClusterWorker } from './workflows/temporal/cluster-worker.ts';
export { type EngineAddress, engineAddress } from './workflows/temporal/engine-address.ts';
export { RunMachine } from './workflows/run-machine.ts';
export { runWorkflowScript } from './workflows/run-script.ts';
export {
  continuedRequest,
  mayReuse,
  retriedRequest,
  startedEvent,
  type StartRequest,
} from './workflows/start-events.ts';
export { historyJson, temporalJson } from './workflows/temporal/history-json.ts';
export { replayHistory } from './workflows/temporal/replay-history.ts';
export * from './workflows/wire.ts';
export type { WorkflowWorker } from './workflows/worker.ts';
export { WorkflowProcess } from './workflows/workflow-process.ts';
