import { manualSeed, setDefaultBackend } from '@kindling/core';
import { type Dataset, fromArrays, type Table, tableFromRows } from '@kindling/data';
import { referenceBackend } from '@kindling/testkit';
import type { CheckpointStore } from '../src/index.js';

/** A fresh backend and fresh random numbers. */
export function start(seed = 0): void {
  setDefaultBackend(referenceBackend());
  manualSeed(seed);
}

/** Deterministic numbers in −1 … 1. */
function noise(i: number): number {
  const x = Math.sin(i * 12.9898 + 78.233) * 43758.5453;
  return 2 * (x - Math.floor(x)) - 1;
}

/** Two inputs, and which of them is greater. */
export function greater(rows = 60, from = 0): Dataset {
  const input = Float32Array.from({ length: rows * 2 }, (_, i) => noise(i + from * 2));
  const target = Int32Array.from({ length: rows }, (_, i) => (input[2 * i] > input[2 * i + 1] ? 1 : 0));
  return fromArrays(input, target, { shape: [-1, 2] });
}

/** y = 2a − b. */
export function line(rows = 60): Dataset {
  const input = Float32Array.from({ length: rows * 2 }, (_, i) => noise(i));
  const target = Float32Array.from({ length: rows }, (_, i) => 2 * input[2 * i] - input[2 * i + 1]);
  return fromArrays(input, target, { shape: [-1, 2] });
}

/** A table of three classes that numbers and a word tell apart. */
export function flowers(rows = 90): Table {
  return tableFromRows(
    Array.from({ length: rows }, (_, i) => {
      const kind = i % 3;
      return { length: kind + 0.4 * noise(i), width: noise(1000 + i), place: kind === 2 ? 'hill' : 'lake', species: ['a', 'b', 'c'][kind] }; // prettier-ignore
    }),
    { target: 'species' },
  );
}

/** A table whose target is a number in large units. */
export function prices(rows = 90): Table {
  return tableFromRows(
    Array.from({ length: rows }, (_, i) => ({ size: noise(i), age: noise(500 + i), price: 1000 + 300 * noise(i) - 100 * noise(500 + i) })), // prettier-ignore
    { target: 'price' },
  );
}

/** Checkpoints in memory. */
export function memoryStore(): CheckpointStore & { readonly files: Map<string, Uint8Array> } {
  const files = new Map<string, Uint8Array>();
  return {
    files,
    read: (name) => Promise.resolve(files.get(name)),
    write: (name, bytes) => {
      files.set(name, bytes.slice());
      return Promise.resolve();
    },
  };
}
