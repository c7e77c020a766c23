import type { ConnectorKind, Manifest } from '@hanabi/protocol';

/** What the service of a module may ask for. Manifests that were stored before there were connectors do not say. */
export function connectorsOf({ entrypoints, dependencies }: Manifest): ConnectorKind[] {
  return entrypoints.service === undefined ? [] : (dependencies.connectors ?? []);
}
