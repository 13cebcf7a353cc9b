import type { CpuPass } from './compileKernel.js';
import type { HostMath } from './hostMath.js';
import type { CpuBuffer, Memory } from './memory.js';
import type { Cut, Sharing } from './cutProgram.js';
import { startWorker, type Terminate } from './startWorker.js';
import { CHUNK_BYTES, CONTROL, CONTROL_BYTES, emitServe, emitWalk, type MakeModule, MAX_KERNELS, STEP_BYTES } from './walker.js'; // prettier-ignore

/** What the main module lends: one that is loaded later and imports the same makes bundlers put that into a third. */
export interface Lent {
  readonly makeModule: MakeModule;
  /** What kernels may call, beside JavaScript's own. */
  readonly functions: HostMath;
}

/** The unit in which the walker counts what workers did, in nanoseconds. */
const HELP = 100;
/** The steps of a program in shared memory. */
export interface Program {
  readonly block: CpuBuffer;
  readonly end: number;
  /** Nanoseconds, estimated: all of it, and what can be shared. */
  readonly time: number;
  readonly shared: number;
}

/**
 * Worker threads that help with programs. The main thread walks through the steps; each step is cut into chunks, which
 * the main thread takes from the begin and workers from the end until there are none. Nobody waits for a worker, only
 * for chunks that one has taken and not finished: the pool may have no worker at all, or lose one, at any time.
 */
export class Pool {
  /** Nanoseconds that workers have done, estimated. */
  helped = 0;
  private readonly control: CpuBuffer;
  private readonly walk: (control: number, step: number, end: number, scratch: number, alone: number) => number;
  private readonly table = new WebAssembly.Table({ element: 'anyfunc', initial: MAX_KERNELS });
  private readonly serve: Uint8Array<ArrayBuffer>;
  /** The main thread of a page may not. */
  private readonly maySleep = typeof document === 'undefined';
  private readonly scratch: CpuBuffer[];
  private readonly kernels = new Map<CpuPass['run'], number>();
  private readonly modules: CpuBuffer[] = [];
  private readonly workers: Terminate[] = [];
  /** Nanoseconds of work that could have been shared with one worker more. */
  private work = 0;
  private failed = false;
  private closed = false;
  /** Milliseconds won, of the last few, or lost. */
  private balance = 0;
  private pausedUntil = 0;

  constructor(
    private readonly memory: Memory,
    threads: number,
    private readonly sharing: Sharing,
    private readonly lent: Lent,
  ) {
    this.serve = emitServe(lent.makeModule);
    this.control = memory.allocate(CONTROL_BYTES);
    memory.range('clear', this.control, 0, CONTROL_BYTES).fill(0);
    this.scratch = Array.from({ length: threads - 1 }, () => memory.allocate(0));
    const imports = { k: { m: memory.memory, t: this.table } };
    this.walk = new WebAssembly.Instance(new WebAssembly.Module(emitWalk(lent.makeModule)), imports).exports
      .run as Pool['walk'];
  }

  /** Workers that are there. */
  get present(): number {
    return this.closed ? 0 : this.load('arrived') - this.load('left');
  }

  /** Whether it knows so many kernels that a new pool had better begin. */
  get isFull(): boolean {
    return this.kernels.size > this.sharing.kernels;
  }

  /** Writes the steps where all threads find them. */
  program({ steps, time, shared }: Cut): Program {
    const { memory } = this;
    const numbers = steps.map(({ kernel }) => this.numberOf(kernel));
    const count = steps.reduce((sum, { parts }) => sum + parts.length, 0);
    const block = memory.allocate(steps.length * STEP_BYTES + count * CHUNK_BYTES);
    const end = block.pointer + steps.length * STEP_BYTES;
    let chunk = end;
    steps.forEach(({ parts, isShared, time: ofStep }, s) => {
      const worth = isShared ? Math.ceil(ofStep / parts.length / HELP) : 0;
      memory.int32.set([numbers[s], chunk, parts.length, worth], (block.pointer + s * STEP_BYTES) / 4);
      memory.int32.set(parts.flat(), chunk / 4);
      chunk += parts.length * CHUNK_BYTES;
    });
    return { block, end, time, shared };
  }

  /** Runs a program together with the workers; or returns false, and one thread had better run it alone. */
  run(program: Program, scratch: number): boolean {
    const { control, memory, sharing, present } = this;
    if (present < this.scratch.length) this.start(program.shared);
    if (present <= 0 || (program.shared < sharing.toWake && this.load('sleepers') >= present)) return false;
    const begin = performance.now();
    if (begin < this.pausedUntil) return false;
    const helped = () => memory.int32[this.word('helped')] * HELP;
    this.store('helped', 0);
    let waited = 0;
    let alone = 0;
    try {
      for (let step = program.block.pointer; ; step += STEP_BYTES) {
        step = this.walk(control.pointer, step, program.end, scratch, alone);
        if (step === program.end) break;
        waited += this.wait();
        // more is lost than can have been won
        if (waited > 1 + helped() / 1e6) alone = 1;
      }
    } catch (error) {
      // chunks of the step may be under way, which would be taken for some of the next
      void this.close();
      throw error;
    }
    const end = performance.now();
    this.helped += helped();
    // what one thread would have taken, by the share that this one had
    const single = ((end - begin - waited) * program.time) / Math.max(1, program.time - helped());
    this.balance = Math.min(sharing.credit, this.balance + single - (end - begin));
    if (this.balance < 0) {
      this.pausedUntil = end - this.sharing.pause * this.balance;
      this.balance = 0;
    }
    return true;
  }

  /** Ends all workers. */
  async close(): Promise<void> {
    this.closed = this.failed = true;
    this.store('stop', 1);
    Atomics.add(this.memory.int32, this.word('wake'), 1);
    Atomics.notify(this.memory.int32, this.word('wake'));
    await Promise.all(this.workers.map((terminate) => terminate()));
    // the control block stays: a worker may look at it until the end
    for (const buffer of [...this.modules.splice(0), ...this.scratch.splice(0)]) this.memory.free(buffer);
  }

  private word(name: keyof typeof CONTROL): number {
    return (this.control.pointer + CONTROL[name]) / 4;
  }

  private load(name: keyof typeof CONTROL): number {
    return Atomics.load(this.memory.int32, this.word(name));
  }

  private store(name: keyof typeof CONTROL, value: number): void {
    Atomics.store(this.memory.int32, this.word(name), value);
  }

  /** A kernel's number, under which every thread finds it in its table. */
  private numberOf({ run, module, scratch }: CpuPass): number {
    const known = this.kernels.get(run);
    if (known !== undefined) return known;
    const { memory } = this;
    this.scratch.forEach((buffer, i) => {
      if (scratch <= buffer.bytes) return;
      this.scratch[i] = memory.allocate(scratch);
      memory.free(buffer);
      memory.int32[this.word('scratch') + i] = this.scratch[i].pointer;
    });
    const code = memory.allocate(module.length);
    // it is known from here on, where nothing can fail any more
    const number = this.kernels.size;
    this.kernels.set(run, number);
    this.table.set(number, run);
    this.modules.push(code);
    memory.range('write', code, 0, module.length).set(module);
    memory.int32.set([code.pointer, module.length], this.word('directory') + 2 * number);
    this.store('kernels', number + 1);
    return number;
  }

  /** Starts a worker that is missing, when there has been enough work for it. */
  private start(work: number): void {
    const { memory } = this;
    if (this.failed || (this.work += work) < this.sharing.toStart) return;
    this.work = 0;
    const taken = this.word('taken');
    const worker = this.scratch.findIndex((_, i) => Atomics.load(memory.int32, taken + i) === 0);
    this.failed = this.load('broken') > 0;
    if (worker < 0 || this.failed) return;
    Atomics.store(memory.int32, taken + worker, 1);
    const { control, serve } = this;
    try {
      this.workers[worker] = startWorker(
        { memory: memory.memory, control: control.pointer, worker, serve },
        this.lent.functions,
        () => (this.failed = true),
      );
    } catch {
      this.failed = true;
    }
  }

  /** Waits until workers have finished what they took of the step; how many milliseconds that took. */
  private wait(): number {
    const { int32 } = this.memory;
    const begin = performance.now();
    const awaited = int32[this.word('awaited')];
    for (let looked = 0; ; looked++) {
      const done = this.load('done');
      if (done === awaited) return performance.now() - begin;
      if (this.load('broken') === 2)
        throw new Error('cpu run: a worker thread failed within a kernel; open the backend with { threads: 1 }');
      if (!this.maySleep || looked < 20_000) continue;
      this.store('waiting', 1);
      Atomics.wait(int32, this.word('done'), done, 1);
      this.store('waiting', 0);
    }
  }
}
