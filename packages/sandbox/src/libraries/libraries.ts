/** Python libraries that modules declare: found once, locked by hash, unpacked once, shared by all jobs of that lock. */

/** One distribution that came as a wheel. */
export interface LockedWheel {
  name: string;
  version: string;
  /** Name of the wheel file at the index. */
  file: string;
  sha256: string;
  size_bytes: number;
}

/** One distribution that the machine's own Python has. */
export interface SystemLibrary {
  name: string;
  version: string;
  /** Files and folders below the machine's folder of Python libraries that it consists of. */
  links: string[];
}

/** What a set of requirements was found to mean, for good: installing again never changes it. */
export interface LibraryLock {
  requirements: string[];
  /** The interpreter that it was resolved for, as "cpython-311 x86_64". */
  python: string;
  wheels: LockedWheel[];
  system: SystemLibrary[];
}

export interface LibraryLayer {
  /** The same for everybody whose requirements lead to the same files. */
  hash: string;
  /** Host folder for `JobSpec.layer_dir`. */
  layer_dir: string;
  lock: LibraryLock;
}

export interface Libraries {
  /**
   * The layer of these requirements, each as "pillow>=10.0". What was prepared before is there at once and needs no
   * index. Throws HANABI-W018 with the package and the reason.
   */
  prepare(requirements: readonly string[]): Promise<LibraryLayer>;
  /** Removes what none of these sets of requirements needs and nobody has asked for in a long time. */
  collect(needed: readonly (readonly string[])[]): Promise<void>;
  /** Settles when nothing is being built any more. */
  close(): Promise<void>;
}

export interface LibrarySettings {
  /** Where locks and layers are kept. */
  store_dir: string;
  /** Private to this process; on the file system of the store, if layers are to be moved and not copied. */
  work_dir: string;
  /** A simple index (PEP 503 or 691), possibly with a name and password; undefined: none is asked. */
  index_url: string | undefined;
  /** Whether distributions of the machine's own Python satisfy a requirement. */
  system_packages: boolean;
  /** How long what is not needed is kept; LIMITS.library_grace_ms when left out. */
  grace_ms?: number;
}
