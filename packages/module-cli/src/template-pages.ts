/** The pages of new modules: one file each, without the SDK, to be read and changed. */
import type { Template } from './templates.ts';

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

const SERVICE = `await call('HANABI_READY');
      const output = document.querySelector('output');
      async function show(type) {
        try {
          const { state, ticks, last_error } = await call(type);
          output.textContent = \`\${state}, \${ticks} lit \${last_error?.message ?? ''}\`;
        } catch (error) {
          output.textContent = error.message;
        }
      }
      for (const button of document.querySelectorAll('button')) button.onclick = () => show(button.value);
      await show('HANABI_SERVICE_STATUS');`;

const WORKFLOW = `await call('HANABI_READY');
      const output = document.querySelector('output');
      const does = {
        async ask() {
          const question = document.querySelector('input').value;
          const { id } = await call('HANABI_WORKFLOW_START', { workflow: 'Question', args: [question] });
          return \`Waits for an answer, also while nothing is open: \${id}\`;
        },
        async answer() {
          const { workflows } = await call('HANABI_WORKFLOW_LIST');
          const waiting = workflows.find(({ state }) => state === 'running');
          if (!waiting) return 'No question waits.';
          const { id } = waiting;
          await call('HANABI_WORKFLOW_SIGNAL', { id, signal: 'answered', args: ['yes'] });
          const { value, state } = await call('HANABI_WORKFLOW_RESULT', { id });
          return value ?? state;
        },
      };
      for (const button of document.querySelectorAll('button')) {
        button.onclick = async () => {
          output.textContent = await does[button.value]().catch((error) => error.message);
        };
      }`;

const CHOICE = '<label>Count <select><option>bytes</option><option>lines</option></select></label>';
const COUNT = '<button type="button">Count in the files in Imports</button>';

/** What a person finds on the page, and the program behind it. */
const PAGES: Record<Template, { controls: string[]; script: string }> = {
  ui: { controls: [], script: GREETING },
  worker: { controls: [COUNT], script: JOB },
  'ui+worker': { controls: [CHOICE, COUNT], script: JOB },
  service: {
    controls: [
      '<button type="button" value="HANABI_SERVICE_START">Start</button>',
      '<button type="button" value="HANABI_SERVICE_STOP">Stop</button>',
      '<button type="button" value="HANABI_SERVICE_STATUS">Look again</button>',
    ],
    script: SERVICE,
  },
  workflow: {
    controls: [
      '<label>Question <input value="Shall we light the lanterns?"></label>',
      '<button type="button" value="ask">Ask</button>',
      '<button type="button" value="answer">Answer yes</button>',
    ],
    script: WORKFLOW,
  },
};

export function pageTemplate(name: string, template: Template): string {
  const { controls, script } = PAGES[template];
  const title = name.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>${title}</title>
    <style>
      :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
      body { display: grid; gap: 0.75rem; justify-items: start; margin: 1rem; }
      h1, p { margin: 0; }
      button, input, select { font: inherit; }
      output { white-space: pre-wrap; }
    </style>
  </head>
  <body>
    <h1>${title}</h1>
${controls.map((control) => `    ${control}\n`).join('')}    <p><output></output></p>
    <script type="module">
      ${CLIENT}

      ${script}
    </script>
  </body>
</html>
`;
}
