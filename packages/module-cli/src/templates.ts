/** The files of a new module. */
import { MANIFEST_SCHEMA_VERSION, type ManifestInput } from '@hanabi/protocol';

export const TEMPLATES = ['ui', 'worker', 'ui+worker'] as const;
export type Template = (typeof TEMPLATES)[number];

export function manifestTemplate(id: string, name: string, template: Template): ManifestInput {
  const withWorker = template !== 'ui';
  const worker = withWorker ? { worker: 'worker/main.py' } : {};
  return {
    schema_version: MANIFEST_SCHEMA_VERSION,
    id,
    name,
    version: '0.1.0',
    summary: `What ${name} is for, in one sentence.`,
    entrypoints: { ui: 'ui/index.html', ...worker },
    permissions: withWorker ? ['files.read', 'jobs.create', 'jobs.emit_progress', 'worker.execute'] : [],
    ...(withWorker ? { dependencies: { runtimes: [{ name: 'python', version: '>=3.11' }] } } : {}),
  };
}

const WORKER = `"""Runs on the server, in a sealed sandbox: bytes in, files out, nothing else in reach."""


def run(inputs, options):
    unit = options.get("unit", "bytes")
    files = {}
    for number, (name, data) in enumerate(inputs.items()):
        yield {"pct": 100 * number / len(inputs), "message": f"Counting {name}"}
        count = len(data.splitlines()) if unit == "lines" else len(data)
        files[f"{name}.txt"] = f"{name} has {count} {unit}\\n"
    return files
`;

/** A reviewer runs the worker on what lies in tests/sample-inputs. */
export const WORKER_FILES = {
  'worker/main.py': WORKER,
  'tests/sample-inputs/lanterns.txt': 'Three lanterns\nover the river\n',
};

const CLIENT = `// Speaks to the desktop: one message out, one reply back, progress in between.
      const waiting = new Map();
      addEventListener('message', ({ source, data }) => {
        if (source !== parent || data?.v !== 1 || !waiting.has(data.rid)) return;
        const { resolve, reject, onEvent } = waiting.get(data.rid);
        if (!data.type.endsWith('_RESULT')) return onEvent?.(data);
        waiting.delete(data.rid);
        if (data.ok) resolve(data.data);
        else reject(new Error(\`\${data.error.message} (\${data.error.code})\`));
      });
      function call(type, payload = {}, onEvent) {
        const rid = Math.random().toString(36).slice(2);
        return new Promise((resolve, reject) => {
          waiting.set(rid, { resolve, reject, onEvent });
          parent.postMessage({ v: 1, type, rid, ...payload }, '*');
        });
      }`;

const GREETING = `await call('HANABI_READY');
      const context = await call('HANABI_GET_CONTEXT');
      document.querySelector('output').textContent = JSON.stringify(context, null, 2);`;

const JOB = `await call('HANABI_READY');
      document.querySelector('button').onclick = async () => {
        const output = document.querySelector('output');
        try {
          const { files } = await call('HANABI_PICK_FILE', { scope: 'own' });
          const unit = document.querySelector('select')?.value ?? 'bytes';
          const payload = { inputRefs: files.map(({ id }) => id), options: { unit }, stream: true };
          const { job } = await call('HANABI_CREATE_JOB', payload, (event) => {
            output.textContent = \`\${event.progressPct} % \${event.message}\`;
          });
          output.textContent = \`In Exports: \${job.outputs.map(({ name }) => name).join(', ')}\`;
        } catch (error) {
          output.textContent = error.message;
        }
      };`;

const CHOICE = `    <label>Count <select><option>bytes</option><option>lines</option></select></label>
`;
const BUTTON = `    <button type="button">Count in the files in Imports</button>
`;

export function pageTemplate(name: string, template: Template): string {
  const title = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <title>${title}</title>
  </head>
  <body>
    <h1>${title}</h1>
${template === 'ui+worker' ? CHOICE : ''}${template === 'ui' ? '' : BUTTON}    <p><output></output></p>
    <script type="module">
      ${CLIENT}

      ${template === 'ui' ? GREETING : JOB}
    </script>
  </body>
</html>
`;
}
