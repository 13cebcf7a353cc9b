import { KindlingError } from '@kindling/core';

/** What went wrong on the GPU, which tells of it later than the call that caused it. */
export class Health {
  readonly #gpu: GPUDevice;
  #closed = false;
  #lost: GPUDeviceLostInfo | undefined;
  #error: GPUError | undefined;
  /** The last error that was told. */
  #told: KindlingError | undefined;
  readonly #recover: () => void;

  /** `recover` is called before an error is told of. */
  constructor(gpu: GPUDevice, recover: () => void) {
    this.#gpu = gpu;
    this.#recover = recover;
    gpu.addEventListener('uncapturederror', (event) => {
      this.#error ??= event.error;
      event.preventDefault();
    });
    void gpu.lost.then((info) => {
      this.#lost = info;
    });
  }

  /** Throws if the device is gone. */
  checkAlive(): void {
    if (this.#closed) throw new KindlingError("backend 'webgpu' is closed; open a new one");
    if (this.#lost !== undefined) throw lostError(this.#lost);
  }

  /** Throws if the device is gone or has reported an error since. */
  check(): void {
    this.checkAlive();
    const error = this.#error;
    this.#error = undefined;
    if (error === undefined) return;
    this.#recover();
    const advice =
      error.constructor.name === 'GPUOutOfMemoryError' ? '; use smaller batches, or free what is not needed' : '';
    this.#told = new KindlingError(
      `webgpu: the GPU reports: ${error.message}${advice}. What was started since the last read may not have run`,
    );
    throw this.#told;
  }

  /** Waits for the GPU. That it was lost in the meantime is told as such, and an error to all that wait. */
  async wait<T>(work: Promise<T>): Promise<T> {
    const told = this.#told;
    try {
      const result = await work;
      // one failure has several errors, which come one after another
      if (this.#error !== undefined) await this.#gpu.queue.onSubmittedWorkDone();
      this.check();
      if (this.#told !== undefined && this.#told !== told) throw this.#told;
      return result;
    } catch (error) {
      if (error instanceof KindlingError) throw error;
      // what is pending when a device goes is cancelled, perhaps before the loss is told
      if (!this.#closed) {
        const info = await Promise.race([this.#gpu.lost, Promise.resolve().then(() => this.#gpu.queue.onSubmittedWorkDone()).catch(() => undefined)]); // prettier-ignore
        if (info !== undefined) throw lostError(info);
      }
      this.check();
      throw error;
    }
  }

  close(): void {
    this.#closed = true;
  }
}

function lostError({ reason, message }: GPUDeviceLostInfo): KindlingError {
  return new KindlingError(
    `webgpu: the GPU device was lost (${[reason, message].filter(Boolean).join(': ')}), and with it all that was in its ` +
      'memory. To resume: open a new backend with setDefaultBackend(await webgpu()), make the model and the optimizer ' +
      'again, and load the state that was saved last (loadStateDict)',
  );
}
