import { webgpu } from '@kindling/webgpu-backend';
import { kindlingOn } from './runners.mjs';

export async function open({ tune }) {
  const backend = await webgpu({ powerPreference: 'high-performance', ...(tune ? { tune } : {}) });
  return { name: 'Kindling', package: '@kindling/core', make: kindlingOn(backend) };
}
