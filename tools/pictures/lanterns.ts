/** The modules that the pictures show: one asks for something, and one with a worker is on its way to its users. */
import type { ModuleWish } from '../../apps/server/test/harness/make-module.ts';

const PAGE = `<!doctype html>
<html lang="en">
  <title>Lantern Finder</title>
  <style>
    body { margin: 0; padding: 24px; background: #1b1f4a; color: #fff; font: 16px/1.5 system-ui; }
    h1 { margin: 0 0 4px; font-size: 24px; }
    i { display: inline-block; width: 72px; height: 96px; margin: 24px 18px 0 0; border-radius: 24px; }
  </style>
  <h1>Lantern Finder</h1>
  <p>Every picture of yours with a lantern in it.</p>
  <i style="background: #ffb35c"></i><i style="background: #ff7a55"></i><i style="background: #f2d16b"></i>
  <script type="module">
    parent.postMessage({ v: 1, type: 'HANABI_READY', rid: 'ready' }, '*');
    parent.postMessage({ v: 1, type: 'HANABI_FS_LIST', rid: 'list', folderId: 'root' }, '*');
  </script>
</html>`;

const WORKER = `import subprocess


def run(inputs, options):
    subprocess.run(["true"], check=True)
    return {name: data for name, data in inputs.items() if name.endswith(".jpg")}
`;

const reasons = { 'files.read.all': 'It looks for lanterns in all your pictures' };
const files = { 'ui/index.html': PAGE, 'README.md': 'Finds the lanterns among your pictures.' };

export const LANTERN_FINDER: ModuleWish = {
  id: 'lantern-finder',
  permissions: ['files.read', 'files.read.all'],
  manifest: {
    name: 'Lantern Finder',
    summary: 'Finds the lanterns among your pictures',
    portal: { permission_reasons: reasons },
  },
  files,
};

export const LANTERN_GALLERY: ModuleWish = {
  id: 'lantern-gallery',
  permissions: ['files.read', 'files.read.all', 'jobs.create', 'worker.execute', 'worker.native'],
  worker: WORKER,
  manifest: {
    name: 'Lantern Gallery',
    summary: 'Shows the lanterns among your pictures',
    portal: { tags: ['Pictures'], permission_reasons: reasons },
  },
  files,
};
