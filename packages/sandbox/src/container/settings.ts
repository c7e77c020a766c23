/** What an operator says about containers, in the variables that the server and the command line share. */
export interface ContainerSettings {
  /** Of the engine's API. */
  socket_path: string;
  /** Name or digest of the image that workers run in; looked up once, and from then on it is that digest. */
  image: string;
  native_image: string;
  /** One that the engine knows by this name, such as gVisor's runsc; undefined: the engine's own choice. */
  runtime: string | undefined;
}

const PYTHON_IMAGE = 'hanabi-worker-python:latest';
const NATIVE_IMAGE = 'hanabi-worker-native:latest';

const SOCKET = '/var/run/docker.sock';
const UNIX = 'unix://';

/** A sentence that names the variable is thrown for what cannot be used. */
export function containerSettings(env: NodeJS.ProcessEnv): ContainerSettings {
  return {
    socket_path: env['HANABI_WORKER_DOCKER_SOCKET'] || socketOf(env['DOCKER_HOST']) || SOCKET,
    image: env['HANABI_WORKER_IMAGE'] || PYTHON_IMAGE,
    native_image: env['HANABI_WORKER_NATIVE_IMAGE'] || NATIVE_IMAGE,
    runtime: env['HANABI_WORKER_CONTAINER_RUNTIME'] || undefined,
  };
}

function socketOf(host: string | undefined): string | undefined {
  if (!host) return undefined;
  if (host.startsWith(`${UNIX}/`)) return host.slice(UNIX.length);
  // Packages and inputs are folders of this machine, which an engine on another one could not mount.
  throw new Error(`DOCKER_HOST: "${host}" is not the socket of an engine on this machine, such as ${UNIX}${SOCKET}`);
}
