import { HanabiError, type Manifest } from '@hanabi/protocol';
import type { Libraries, LibraryLayer } from '@hanabi/sandbox';

/** The Python libraries that modules declare, as the supervisor provides them. */
export class ModuleLibraries {
  private readonly libraries: Pick<Libraries, 'prepare' | 'collect'>;
  /** Jobs ask for the same few all the time. Failures are not kept: the supervisor knows when to try again. */
  private readonly layers = new Map<string, Promise<LibraryLayer>>();

  constructor(libraries: Pick<Libraries, 'prepare' | 'collect'>) {
    this.libraries = libraries;
  }

  /**
   * The folder that `JobSpec.layer_dir` wants; undefined for a module that declares none. What a version declares is
   * resolved when it is installed, by calling this; later calls give what was found then. Throws HANABI-W018 with the
   * package and the reason, HANABI-W016 on abort.
   */
  async layerOf({ dependencies }: Manifest, signal: AbortSignal): Promise<string | undefined> {
    const requirements = dependencies.python;
    if (requirements.length === 0) return undefined;
    const key = JSON.stringify(requirements);
    let layer = this.layers.get(key);
    if (!layer) {
      layer = this.libraries.prepare(requirements);
      this.layers.set(key, layer);
      layer.catch(() => this.layers.delete(key));
    }
    return (await unlessAborted(layer, signal)).layer_dir;
  }

  /** Lets the supervisor remove what none of these modules needs and nobody has needed for a long time. */
  async collect(manifests: readonly Manifest[]): Promise<void> {
    this.layers.clear();
    const declared = manifests.map(({ dependencies }) => dependencies.python);
    await this.libraries.collect(declared.filter((requirements) => requirements.length > 0));
  }
}

async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new HanabiError('HANABI-W016');
  const settled = new AbortController();
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new HanabiError('HANABI-W016')), { signal: settled.signal });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    settled.abort();
  }
}
