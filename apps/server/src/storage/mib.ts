import { MIB } from '@hanabi/protocol';

/** A number of bytes as people read it. */
export function mib(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`;
}
