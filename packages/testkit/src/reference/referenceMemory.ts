import {
  type Backend,
  type DType,
  hostArray,
  isFloat,
  KindlingError,
  type Memory,
  showShape,
  sizeOf,
  type TypedArray,
} from '@kindling/core';

/** An array that nobody else holds: what goes in and what comes out are copies. */
export class ReferenceMemory implements Memory {
  readonly backend: Backend;
  readonly shape: readonly number[];
  readonly dtype: DType;
  #array: TypedArray | undefined;

  constructor(backend: Backend, shape: readonly number[], dtype: DType) {
    this.backend = backend;
    this.shape = shape;
    this.dtype = dtype;
    // undefined content, so nothing that passes for a result
    this.#array = hostArray(dtype, sizeOf(shape)).fill(isFloat(dtype) ? NaN : 1);
  }

  /** The elements themselves, for the length of a run. */
  get array(): TypedArray {
    if (this.#array === undefined)
      throw new KindlingError(`memory of shape ${showShape(this.shape)} is used after it was freed`);
    return this.#array;
  }
  write(data: TypedArray): void {
    if (data.length !== this.array.length)
      throw new KindlingError(
        `write: ${data.length} elements do not fit memory of shape ${showShape(this.shape)}, which has ${this.array.length}`,
      );
    this.array.set(data);
  }
  read(): Promise<TypedArray> {
    return Promise.resolve(this.readSync());
  }
  readSync(): TypedArray {
    return this.array.slice();
  }
  free(): void {
    this.#array = undefined;
  }
}
