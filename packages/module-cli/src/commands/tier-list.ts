import { MIB, type TierLimits } from '@hanabi/protocol';
import { type Command, UsageError } from '../command.ts';
import { EXIT_OK } from '../run-command.ts';
import { workerTiers } from '../worker-tiers.ts';

export const tierList: Command = {
  name: 'tier list',
  usage: '[--json]',
  summary: 'Lists the worker tiers that a manifest may name, and what each of them allows.',
  details: [
    ['--json', 'one JSON object of names to limits, in the form that HANABI_WORKER_TIERS takes'],
    ['', 'HANABI_WORKER_TIERS defines more of them: a JSON object, or the path of a file that holds one.'],
  ],
  options: { json: { type: 'boolean' } },
  async run({ options, positionals }) {
    if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
    const tiers = workerTiers();
    if (options['json']) console.log(JSON.stringify(tiers, null, 2));
    else for (const [name, limits] of Object.entries(tiers)) console.log(describe(name, limits));
    return EXIT_OK;
  },
};

function describe(name: string, limits: TierLimits): string {
  const { memory_bytes_max, cpu_ms_max, wall_ms_max, output_bytes_max, output_files_max, processes_max } = limits;
  return [
    name.padEnd(16),
    `${memory_bytes_max / MIB} MiB of memory`.padEnd(22),
    `${cpu_ms_max / 1000} s of processor time in ${wall_ms_max / 1000} s`.padEnd(38),
    `${output_bytes_max / MIB} MiB in ${output_files_max} files`.padEnd(26),
    `${processes_max} processes`,
  ].join('');
}
