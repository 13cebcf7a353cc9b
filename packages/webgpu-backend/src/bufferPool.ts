/** What the device calls a buffer: GPU memory that the pool lends out. */
export class GpuBuffer {
  static #count = 0;
  readonly id = GpuBuffer.#count++;
  lent = true;

  constructor(
    readonly gpu: GPUBuffer,
    /** What there is; at least what was asked for. */
    readonly capacity: number,
    /** How often the pool had been doubted. */
    readonly doubts: number,
  ) {}
}

/** GPU buffers of rounded sizes, used again; what is free beyond a limit is destroyed. */
export class BufferPool {
  readonly #gpu: GPUDevice;
  readonly #usage: GPUBufferUsageFlags;
  readonly #keep: number;
  readonly #free = new Map<number, GpuBuffer[]>();
  #freeBytes = 0;
  #bytes = 0;
  #doubts = 0;

  /** `keep`: free bytes that are not destroyed. */
  constructor(gpu: GPUDevice, usage: GPUBufferUsageFlags, keep: number) {
    this.#gpu = gpu;
    this.#usage = usage;
    this.#keep = keep;
  }

  /** Bytes of all buffers there are, lent and free. */
  get bytes(): number {
    return this.#bytes;
  }

  allocate(bytes: number): GpuBuffer {
    const capacity = roundedSize(bytes);
    const known = this.#free.get(capacity)?.pop();
    if (known !== undefined) {
      this.#freeBytes -= capacity;
      known.lent = true;
      return known;
    }
    const gpu = this.#gpu.createBuffer({ size: capacity, usage: this.#usage });
    this.#bytes += capacity;
    return new GpuBuffer(gpu, capacity, this.#doubts);
  }

  release(buffer: GpuBuffer): void {
    if (!buffer.lent) throw new Error('webgpu: a buffer was freed twice');
    buffer.lent = false;
    const { capacity } = buffer;
    if (buffer.doubts !== this.#doubts || this.#freeBytes + capacity > this.#keep) {
      this.#bytes -= capacity;
      buffer.gpu.destroy();
      return;
    }
    this.#freeBytes += capacity;
    const list = this.#free.get(capacity);
    if (list === undefined) this.#free.set(capacity, [buffer]);
    else list.push(buffer);
  }

  /** Destroys what is free. */
  close(): void {
    for (const list of this.#free.values()) for (const { gpu } of list) gpu.destroy();
    this.#free.clear();
    this.#bytes -= this.#freeBytes;
    this.#freeBytes = 0;
  }

  /** After an error: a buffer for which there was no memory looks like any other, so that none there is is lent again. */
  doubt(): void {
    this.#doubts += 1;
    this.close();
  }
}

/** WebGPU copies whole words: an odd number of float16 has one half of a word more, which every buffer has room for. */
export function wholeWords(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** Multiples of 256 that waste at most an eighth, so that buffers of like sizes are exchangeable. */
function roundedSize(bytes: number): number {
  const step = Math.max(256, 2 ** (Math.floor(Math.log2(Math.max(1, bytes))) - 3));
  return Math.max(256, Math.ceil(bytes / step) * step);
}
