import { defineConfig } from 'vite';
import { versionOf } from './src/versionOf.mjs';

const libraries = ['@kindling/core', '@jax-js/jax', '@tensorflow/tfjs', '@tensorflow/tfjs-backend-webgpu'];
// threads share memory only where nothing else can look into the page
const headers = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  base: './',
  define: { LIBRARY_VERSIONS: JSON.stringify(Object.fromEntries(libraries.map((name) => [name, versionOf(name)]))) },
  build: { target: 'esnext', chunkSizeWarningLimit: 8000 },
  server: { headers },
  preview: { headers },
});
