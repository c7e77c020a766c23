import { describe, expect, it } from 'vitest';
import { containerSettings } from '../../src/index.ts';

describe('the settings of the container backend', () => {
  it('name the engine of this machine and our images when nothing is set', () => {
    expect(containerSettings({})).toEqual({
      socket_path: '/var/run/docker.sock',
      image: 'hanabi-worker-python:latest',
      native_image: 'hanabi-worker-native:latest',
      runtime: undefined,
    });
  });

  it('take the socket from Docker’s own variable, and rather from ours', () => {
    const DOCKER_HOST = 'unix:///run/user/1000/docker.sock';
    expect(containerSettings({ DOCKER_HOST }).socket_path).toBe('/run/user/1000/docker.sock');
    expect(containerSettings({ DOCKER_HOST, HANABI_WORKER_DOCKER_SOCKET: '/own.sock' }).socket_path).toBe('/own.sock');
  });

  it.each(['tcp://10.0.0.1:2375', 'ssh://host', 'unix://relative'])('refuse an engine at %s', (DOCKER_HOST) => {
    expect(() => containerSettings({ DOCKER_HOST })).toThrow(`DOCKER_HOST: "${DOCKER_HOST}"`);
  });
});
