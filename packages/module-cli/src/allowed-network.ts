import { HanabiError, LIMITS, type Manifest } from '@hanabi/protocol';
import { type JobEvent, type NetworkPolicy, readOrigins } from '@hanabi/sandbox';
import { type Arguments, UsageError } from './command.ts';

/** What --allow-network approves: what the manifest asks for, as an administrator would. Undefined: nothing. */
export function allowedNetwork(args: Arguments, manifest: Manifest): NetworkPolicy | undefined {
  const opened = args.lists['allow-private'] ?? [];
  if (args.options['allow-network'] !== true) {
    if (opened.length > 0) throw new UsageError('--allow-private goes with --allow-network');
    return undefined;
  }
  const rules = { allow_domains: [], deny_domains: [], private_origins: opened.flatMap(readOpened) };
  if (manifest.permissions.includes('network.fetch.broad')) {
    const budget = {
      bytes_max: LIMITS.fetch_broad_bytes_per_job_max,
      requests_per_s_max: LIMITS.fetch_broad_requests_per_s_max,
    };
    return { ...rules, origins: 'public', budget };
  }
  if (!manifest.permissions.includes('network.fetch')) throw new HanabiError('HANABI-P001', 'network.fetch');
  return { ...rules, origins: manifest.dependencies.services, budget: null };
}

function readOpened(text: string): string[] {
  try {
    return readOrigins(text);
  } catch (error) {
    throw new UsageError(`--allow-private: ${(error as Error).message}`);
  }
}

/** One line for the author. */
export function describeFetch(event: Extract<JobEvent, { kind: 'fetched' }>): string {
  const { method, origin, path, status, code, received_bytes, wall_ms } = event;
  const end = status === null ? `refused, ${code}` : `${status}, ${received_bytes} bytes, ${Math.round(wall_ms)} ms`;
  return `${method} ${origin ? origin + path : 'of an unreadable address'}: ${end}`;
}
