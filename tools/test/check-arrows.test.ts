import { expect, test } from 'vitest';
import { checkArrows } from '../imports/check-arrows.ts';
import { findImports } from '../imports/find-imports.ts';

const refusal = (file: string, source: string) => checkArrows(file, source).join('\n');

test('an import along an arrow passes', () => {
  expect(checkArrows('apps/web/src/app.ts', "import { LIMITS } from '@hanabi/protocol';")).toEqual([]);
  expect(checkArrows('apps/server/src/http/a.ts', "import { b } from './b.ts';")).toEqual([]);
  expect(checkArrows('packages/module-sdk/src/a.ts', "import type { Payloads } from '@hanabi/protocol';")).toEqual([]);
});

test.each([
  ['web never imports the server', 'apps/web/src/a.ts', "import { api } from '@hanabi/server';"],
  ['nor by its path', 'apps/web/src/a.svelte', "<script>\nimport { api } from '../../server/src/api.ts';\n</script>"],
  ['the server never imports the web', 'apps/server/src/a.ts', "import type { B } from '../../web/src/b.ts';"],
  ['protocol imports nothing of ours', 'packages/protocol/src/a.ts', "import { s } from '@hanabi/sandbox';"],
  ['protocol knows no Node.js', 'packages/protocol/src/a.ts', "import { readFile } from 'node:fs/promises';"],
  ['the SDK takes only types', 'packages/module-sdk/src/a.ts', "import { LIMITS } from '@hanabi/protocol';"],
  [
    'an inline type import still loads the file',
    'packages/module-sdk/src/a.ts',
    "import { type A } from '@hanabi/protocol';",
  ],
  ['the sandbox knows no server', 'packages/sandbox/src/a.ts', "export * from '@hanabi/server';"],
  ['a lazy import counts', 'apps/web/src/a.ts', "const b = await import('@hanabi/sandbox');"],
  ['an import over several lines counts', 'apps/web/src/a.ts', "import {\n  a,\n  b,\n} from '@hanabi/sandbox';"],
  ['a module page takes the SDK only', 'examples/modules/x/ui/a.js', "import '../../../../apps/web/src/a.ts';"],
  ['a module server takes the module API only', 'modules/x/server/index.ts', "import { db } from '@hanabi/server';"],
])('%s', (_rule, file, source) => {
  expect(refusal(file, source)).toMatch(/^\S+:\d+ .+ → .+ is not an arrow of the house/);
});

test('another workspace is imported by its name, not by its path', () => {
  const source = "import { LIMITS } from '../../protocol/src/limits.ts';";
  expect(refusal('packages/sandbox/src/a.ts', source)).toContain('its name is @hanabi/protocol');
});

test('a file outside every room is refused', () => {
  expect(refusal('somewhere/new.ts', '')).toContain('lies in no room');
});

test('imports are found with their line, comments and strings are not imports', () => {
  const source = [
    "// import { a } from 'comment';",
    "/* import { a } from 'block'; */",
    "const url = 'https://example.org/';",
    "import { b } from './b.ts';",
    "const text = `import { c } from 'template';`;",
    "const quote = /[']/;",
    "export type { D } from './d.ts';",
    "import './side-effect.ts';",
  ].join('\n');
  expect(findImports(source)).toEqual([
    { line: 4, specifier: './b.ts', typeOnly: false },
    { line: 7, specifier: './d.ts', typeOnly: true },
    { line: 8, specifier: './side-effect.ts', typeOnly: false },
  ]);
});
