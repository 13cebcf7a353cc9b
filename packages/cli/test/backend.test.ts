import webgpuBackend from '@kindling/webgpu-backend';
import { describe, expect, it, vi } from 'vitest';
import { data, folder, kindling, registryOf } from './harness.js';

describe('--backend webgpu', () => {
  it.each(['train', 'compare'])('%s says what to install where there is no WebGPU', async (command) => {
    vi.stubGlobal('navigator', undefined);
    const registry = registryOf(webgpuBackend);
    const { code, err } = await kindling([command, data('iris'), '--target', 'species', '--backend', 'webgpu'], {
      registry,
      cwd: folder(),
    });
    vi.unstubAllGlobals();
    expect(code).toBe(2);
    expect(err).toContain('Node has no WebGPU by itself: install it with `npm install webgpu`');
  });
});
