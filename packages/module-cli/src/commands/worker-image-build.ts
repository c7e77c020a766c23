import { resolve } from 'node:path';
import { buildWorkerImage, containerSettings } from '@hanabi/sandbox';
import { type Command, textOption, UsageError } from '../command.ts';
import { progressBar } from '../progress-bar.ts';
import { EXIT_FAILED, EXIT_OK } from '../run-command.ts';

export const workerImageBuild: Command = {
  name: 'worker-image build',
  usage: '[--native] [--archive FILE] [--json]',
  summary: 'Builds the image that workers run in with the container backend, without an image registry.',
  details: [
    [
      '--native',
      'the one with ffmpeg, ImageMagick, libvips and Ghostscript, for modules that were granted worker.native',
    ],
    [
      '--archive FILE',
      'keeps what was made, and makes nothing where it is there already: for machines without a mirror',
    ],
    ['--json', 'one JSON object on stdout: { ok, name, id, size_bytes } or { ok, error }'],
    ['', 'Needs root, Docker and debootstrap; the packages come from the Debian mirror of this machine.'],
    ['', 'HANABI_WORKER_IMAGE and HANABI_WORKER_NATIVE_IMAGE name the images, HANABI_WORKER_DOCKER_SOCKET the engine.'],
  ],
  options: { native: { type: 'boolean' }, archive: { type: 'string' }, json: { type: 'boolean' } },
  async run(args) {
    const { options, positionals } = args;
    if (positionals.length > 0) throw new UsageError(`unexpected "${positionals[0]}"`);
    const json = options['json'] === true;
    const bar = progressBar(process.stderr);
    try {
      const archive = textOption(args, 'archive');
      const build = buildWorkerImage({
        settings: containerSettings(process.env),
        native: options['native'] === true,
        archive: archive && resolve(archive),
      });
      let step = await build.next();
      for (; !step.done; step = await build.next()) bar.show(step.value.pct, step.value.message);
      bar.clear();
      const { name, id, size_bytes } = step.value;
      if (json) console.log(JSON.stringify({ ok: true, name, id, size_bytes }, null, 2));
      else console.log(`${name} is ${id} (${Math.ceil(size_bytes / 1024 / 1024)} MiB)`);
      return EXIT_OK;
    } catch (error) {
      bar.clear();
      const { message } = error as Error;
      if (json) console.log(JSON.stringify({ ok: false, error: { message } }, null, 2));
      else console.error(message);
      return EXIT_FAILED;
    }
  },
};
