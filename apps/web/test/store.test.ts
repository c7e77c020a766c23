/** The Module Store and the review, as far as they think for themselves. */
import { HanabiError, type StoreModule } from '@hanabi/protocol';
import { describe, expect, it } from 'vitest';
import { lineDifference } from '../src/ui/line-difference.ts';
import { StoreModel } from '../src/store/store-model.svelte.ts';

function inStore(id: string, fields: Partial<StoreModule> = {}): StoreModule {
  return {
    module_id: id,
    name: id,
    version: '1.0.0',
    summary: `What ${id} does`,
    developer: 'dora',
    tags: [],
    icon_data_url: null,
    screenshots: [],
    readme: '',
    permissions: [],
    connectors: [],
    signed: false,
    size_bytes: 1,
    installs: 0,
    rating: { score: 90, reasons: [] },
    updated_at: '2026-06-01T10:00:00.000Z',
    installed: null,
    added_permissions: [],
    added_connectors: [],
    ...fields,
  };
}

/** A store on a server in memory. */
class MemoryStore {
  readonly modules: StoreModule[];
  readonly calls: string[] = [];
  failure: HanabiError | undefined;

  constructor(...modules: StoreModule[]) {
    this.modules = modules;
  }

  store = () => Promise.resolve(this.modules.map((module) => ({ ...module })));
  install = (id: string) => this.#act(id, 'install', '1.0.0');
  uninstall = (id: string, data: string) => this.#act(id, `uninstall and ${data}`, null);

  async #act(id: string, what: string, installed: string | null): Promise<void> {
    if (this.failure) throw this.failure;
    this.calls.push(`${what} ${id}`);
    this.modules.find(({ module_id }) => module_id === id)!.installed = installed;
  }
}

async function opened(memory: MemoryStore): Promise<StoreModel> {
  const desktop = {
    changed: async () => void memory.calls.push('changed'),
    askConsent: (id: string) => void memory.calls.push(`ask consent of ${id}`),
  };
  const model = new StoreModel(desktop, memory);
  await model.load();
  return model;
}

describe('the Module Store', () => {
  it('searches names, summaries, developers and categories, and within one of them', async () => {
    const model = await opened(
      new MemoryStore(inStore('lanterns', { tags: ['Fun'] }), inStore('ledger', { developer: 'dan', tags: ['Work'] })),
    );
    const found = (query: string, tag: string | null = null) => {
      model.query = query;
      model.tag = tag;
      return model.found.map(({ module_id }) => module_id);
    };
    expect(model.tags).toEqual(['Fun', 'Work']);
    expect(found('')).toEqual(['lanterns', 'ledger']);
    expect(found(' LED')).toEqual(['ledger']);
    expect(found('dora')).toEqual(['lanterns']);
    expect(found('work')).toEqual(['ledger']);
    expect(found('', 'Fun')).toEqual(['lanterns']);
    expect(found('ledger', 'Fun')).toEqual([]);
  });

  it('does nothing before it is asked twice, and then says what it did', async () => {
    const memory = new MemoryStore(inStore('lanterns'));
    const model = await opened(memory);
    model.ask('install', model.modules![0]!);
    expect(memory.calls).toEqual([]);
    await model.confirm();
    expect(memory.calls).toEqual(['install lanterns', 'changed', 'ask consent of lanterns']);
    expect(model.modules![0]!.installed).toBe('1.0.0');
    expect(model.done?.kind).toBe('install');
    model.ask('remove', model.modules![0]!);
    await model.confirm('delete');
    expect(memory.calls).toContain('uninstall and delete lanterns');
    expect(model.modules![0]!.installed).toBeNull();
  });

  it('hears of what is published, updated and suspended, also while it asks', async () => {
    const memory = new MemoryStore(inStore('lanterns'));
    const model = await opened(memory);
    model.ask('install', model.modules![0]!);
    memory.modules.push(inStore('ledger'));
    memory.modules[0]!.version = '2.0.0';
    await model.lookAgain();
    expect(model.modules!.map(({ module_id }) => module_id)).toEqual(['lanterns', 'ledger']);
    expect(model.asking?.module.version).toBe('2.0.0');
    memory.modules.shift();
    await model.lookAgain();
    expect(model.modules).toHaveLength(1);
    expect(model.asking).toBeNull();
  });

  it('tells a failure and keeps what it shows', async () => {
    const memory = new MemoryStore(inStore('lanterns'));
    const model = await opened(memory);
    memory.failure = new HanabiError('HANABI-M009');
    model.ask('install', model.modules![0]!);
    await model.confirm();
    expect(model.error?.code).toBe('HANABI-M009');
    expect(model.busy).toBe(false);
    expect(model.modules).toHaveLength(1);
    expect(model.done).toBeNull();
  });
});

describe('lineDifference', () => {
  it('shows what went, what came, and a little around it', () => {
    const before = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const after = ['a', 'b', 'c', 'd', 'E', 'f', 'g', 'h', 'i'];
    expect(lineDifference(before.join('\n'), after.join('\n')).map(({ kind, text }) => `${kind} ${text}`)).toEqual([
      'cut ⋯',
      'same c',
      'same d',
      'gone e',
      'new E',
      'same f',
      'same g',
      'same h',
      'new i',
    ]);
  });

  it('is empty for the same text', () => {
    expect(lineDifference('a\nb', 'a\nb')).toEqual([{ kind: 'cut', text: '⋯' }]);
  });
});
