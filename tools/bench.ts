/**
 * Measures what the project promises, each figure beside its floor or target in the same run.
 *
 *   npm run bench -- [--json] [name…]     names as they are printed; a prefix such as "bridge" takes all of its figures
 */
import { parseArgs } from 'node:util';
import { benchBrowser } from './bench/browser.ts';
import type { Figure } from './bench/figures.ts';
import { benchContainers } from './bench/containers.ts';
import { benchData } from './bench/data.ts';
import { benchFiles } from './bench/files.ts';
import { benchJobs } from './bench/jobs.ts';
import { benchQueue } from './bench/queue.ts';
import { benchServer } from './bench/server.ts';
import { benchServices } from './bench/services.ts';
import { benchStreams } from './bench/streams.ts';
import { benchWorkflows } from './bench/workflows.ts';

const GROUPS: { names: readonly string[]; run: () => Promise<Figure[]> }[] = [
  {
    names: [
      'bridge.getContext',
      'bridge.readFile1k',
      'bridge.readFile1k.fetch',
      'bridge.readFile10M',
      'bridge.readFile10M.base64',
      'bridge.writeFile1k',
      'shell.cold',
      'shell.bytes',
      'shell.launch',
      'shell.drag20',
      'shell.drag20.dropped',
      'shell.idle',
    ],
    run: benchBrowser,
  },
  { names: ['files.range', 'files.list10k', 'files.memory4G'], run: benchFiles },
  { names: ['data.put', 'data.get', 'data.query', 'data.query1M', 'data.query.flat'], run: benchData },
  {
    names: [
      'queue.accept.sqlite',
      'queue.work.sqlite',
      'queue.latency.sqlite',
      'queue.accept.pg',
      'queue.work.pg',
      'queue.latency.pg',
      'data.put.pg',
      'data.get.pg',
      'data.query.pg',
    ],
    run: benchQueue,
  },
  {
    names: [
      'job.cold',
      'job.warm',
      'job.rate1',
      'job.rate2',
      'job.rate4',
      'job.rate8',
      'sandbox.idle',
      'server.stall',
      'job.cold.bwrap',
      'job.warm.bwrap',
      'job.rate1.bwrap',
      'job.rate2.bwrap',
      'job.rate4.bwrap',
      'job.rate8.bwrap',
      'server.stall.bwrap',
    ],
    run: benchJobs,
  },
  { names: ['job.stream1G', 'job.stream1G.out', 'job.stream1G.memory', 'job.progress'], run: benchStreams },
  { names: ['service.tick', 'service.rate', 'service.drift', 'service.idle'], run: benchServices },
  { names: ['job.container.cold', 'job.container.warm'], run: benchContainers },
  {
    names: [
      'workflow.create',
      'workflow.create.large',
      'workflow.memory',
      'workflow.memory.large',
      'workflow.activation',
      'workflow.replay',
      'workflow.fiveSteps',
      'workflow.fiveSteps.sqlite',
      'workflow.fiveSteps.sqlite.alone',
      'workflow.fiveSteps.postgres',
      'workflow.fiveSteps.postgres.alone',
    ],
    run: benchWorkflows,
  },
  { names: ['server.boot', 'server.rss', 'http.capability', 'sdk.size'], run: benchServer },
];

const { values, positionals } = parseArgs({ options: { json: { type: 'boolean' } }, allowPositionals: true });
const known = GROUPS.flatMap((group) => group.names);
const wanted = (name: string) =>
  positionals.length === 0 || positionals.some((asked) => name === asked || name.startsWith(`${asked}.`));
const unknown = positionals.filter((asked) => !known.some((name) => name === asked || name.startsWith(`${asked}.`)));
if (unknown.length > 0) {
  console.error(`No figure is called ${unknown.join(', ')}. There are: ${known.join(', ')}`);
  process.exit(2);
}

if (!values.json) console.log('name                    ours      floor     ratio  unit    against');
for (const group of GROUPS) {
  if (!group.names.some(wanted)) continue;
  for (const row of await group.run()) if (wanted(row.name)) print(row);
}

function print(row: Figure): void {
  if (values.json) {
    console.log(JSON.stringify(row));
    return;
  }
  const cells = [
    row.name.padEnd(20),
    pad(row.ours),
    pad(row.floor),
    pad(row.ratio),
    ` ${row.unit.padEnd(7)}`,
    row.against,
  ];
  console.log(cells.join(' '));
}

function pad(value: number | null): string {
  return (value === null ? '–' : String(value)).padStart(9);
}
