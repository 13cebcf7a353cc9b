import type { FunctionBuilder, ModuleBuilder } from './assembler.js';

/**
 * Words that all threads share, as byte offsets in the control block. What is written often by different threads lies
 * in different cache lines.
 *
 * The ticket is 64 bits: which step it is for, counted up, then the end and the begin of the chunks that nobody has
 * taken, 16 bits each. Whoever replaces it by one with a chunk less owns that chunk; the count makes sure that the
 * ticket of a step that is over can never be taken for that of another.
 */
export const CONTROL = {
  ticket: 0,
  /** Chunks that workers have finished. */
  done: 64,
  /** 1 while the main thread sleeps until there are more. */
  waiting: 68,
  /** The address of the step's entry. */
  step: 128,
  /** Workers sleep on this word, which changes when there is work; how many do; whether they shall end. */
  wake: 192,
  sleepers: 196,
  stop: 200,
  /** Kernels in the directory. */
  kernels: 204,
  /** Workers that ever came and went. */
  arrived: 208,
  left: 212,
  /** 1: a worker could not do its work; 2: and left a chunk unfinished. */
  broken: 216,
  /** What workers did since the main thread set it to 0, in the steps' own measure. */
  helped: 220,
  /** How many chunks the main thread waits for. */
  awaited: 224,
  /** Working memory of each worker (`MAX_WORKERS`). */
  scratch: 256,
  /** Whether there is such a worker, for each number. */
  taken: 768,
  /** Address and length of each kernel's module. */
  directory: 1280,
} as const;

export const MAX_KERNELS = 2048;
export const MAX_CHUNKS = 65_535;
export const CONTROL_BYTES = CONTROL.directory + 8 * MAX_KERNELS;

/** A step: kernel, address of its chunks, how many, and what each is worth; 0 where the main thread does all alone. */
export const STEP_BYTES = 16;
/** A chunk: argument block, and units from, to. */
export const CHUNK_BYTES = 12;

/** Instructions that only a walk has. */
const OP = {
  unreachable: 0x00,
  return: 0x0f,
  call_indirect: 0x11,
  'i64.const': 0x42,
  'i64.eq': 0x51,
  'i64.add': 0x7c,
  'i64.sub': 0x7d,
  'i64.or': 0x84,
  'i64.shl': 0x86,
  'i64.shr_u': 0x88,
  'i32.wrap_i64': 0xa7,
  'i64.extend_i32_u': 0xad,
  'memory.atomic.notify': 0xfe000,
  'memory.atomic.wait32': 0xfe001,
  'i32.atomic.load': 0xfe010,
  'i64.atomic.load': 0xfe011,
  'i32.atomic.store': 0xfe017,
  'i64.atomic.store': 0xfe018,
  'i32.atomic.rmw.add': 0xfe01e,
  'i64.atomic.rmw.cmpxchg': 0xfe049,
} as const;

export type MakeModule = (using: { readonly shared: boolean; readonly table: boolean }) => ModuleBuilder;

/** Checks before a worker sleeps: some 100 µs. It wakes within 40 µs, and no step should need to wait for that. */
const WORKER_SPINS = 60_000;
/** Checks before the main thread looks at a clock: some microseconds. */
const MAIN_SPINS = 2000;
/** A worker that has slept for so many nanoseconds ends. */
const PATIENCE = 60e9;

/** (control, step, end, scratch, alone) → the step that the main thread waits for others at, or `end`. */
export function emitWalk(make: MakeModule): Uint8Array<ArrayBuffer> {
  return module(make, 5, (fn, kernelType) => {
    const [control, step, end, scratch, alone] = [0, 1, 2, 3, 4];
    const [i, count, mine, left] = [fn.local('i32'), fn.local('i32'), fn.local('i32'), fn.local('i32')];
    const ticket = fn.local('i64');
    fn.loop(() => {
      fn.get(step).get(end).op('i32.ge_u');
      fn.if(() => fn.get(step).op(OP.return));
      fn.get(step).memory('i32.load', 8).set(count);
      fn.i32(0).set(i);
      fn.get(step).memory('i32.load', 12).op('i32.eqz').get(alone).op('i32.or');
      fn.if(
        () => {
          fn.loop(() => {
            fn.get(i).get(count).op('i32.lt_u');
            fn.if(() => {
              chunk(fn, step, i, () => fn.get(scratch), kernelType);
              fn.get(i).plus(1).set(i).branch(1, false);
            });
          });
        },
        () => {
          // nobody touches these: the last ticket has been used up, and all chunks taken by it are done
          fn.get(control).i32(0).op(OP['i32.atomic.store'], 2, CONTROL.done);
          fn.get(control).get(step).op(OP['i32.atomic.store'], 2, CONTROL.step);
          fn.get(control).get(control).op(OP['i64.atomic.load'], 3, CONTROL.ticket);
          fn.op(OP['i64.const'], 32)
            .op(OP['i64.shr_u'])
            .op(OP['i64.const'], 1)
            .op(OP['i64.add'])
            .op(OP['i64.const'], 32)
            .op(OP['i64.shl']);
          fn.get(count).i32(16).op('i32.shl').op(OP['i64.extend_i32_u']).op(OP['i64.or']);
          fn.op(OP['i64.atomic.store'], 3, CONTROL.ticket);
          fn.get(control).op(OP['i32.atomic.load'], 2, CONTROL.sleepers);
          fn.if(() => {
            fn.get(control).i32(1).op(OP['i32.atomic.rmw.add'], 2, CONTROL.wake).op('drop');
            fn.get(control).get(count).plus(-1).op(OP['memory.atomic.notify'], 2, CONTROL.wake).op('drop');
          });
          fn.i32(0).set(mine);
          claims(fn, control, ticket, i, 0, () => {
            chunk(fn, step, i, () => fn.get(scratch), kernelType);
            fn.get(mine).plus(1).set(mine);
          });
          fn.get(count).get(mine).op('i32.sub').set(count);
          fn.get(control).get(control).memory('i32.load', CONTROL.helped);
          fn.get(count)
            .get(step)
            .memory('i32.load', 12)
            .op('i32.mul')
            .op('i32.add')
            .memory('i32.store', CONTROL.helped);
          fn.get(control).get(count).memory('i32.store', CONTROL.awaited);
          fn.i32(MAIN_SPINS).set(left);
          fn.block(() =>
            fn.loop(() => {
              fn.get(control).op(OP['i32.atomic.load'], 2, CONTROL.done).get(count).op('i32.eq').branch(1);
              fn.get(left).plus(-1).tee(left).branch(0);
              fn.get(step).op(OP.return);
            }),
          );
        },
      );
      fn.get(step).plus(STEP_BYTES).set(step).branch(0, false);
    });
    fn.op(OP.unreachable);
  });
}

/** (control, worker, kernels) → 1 when it needs a kernel beyond those, 0 when the worker may end. */
export function emitServe(make: MakeModule): Uint8Array<ArrayBuffer> {
  return module(make, 3, (fn, kernelType) => {
    const [control, worker, kernels] = [0, 1, 2];
    const [i, step, spins, wake] = [fn.local('i32'), fn.local('i32'), fn.local('i32'), fn.local('i32')];
    const ticket = fn.local('i64');
    const untaken = () => fn.get(control).op(OP['i64.atomic.load'], 3, CONTROL.ticket).set(ticket);
    fn.loop(() => {
      fn.i32(WORKER_SPINS).set(spins);
      fn.block(() =>
        fn.loop(() => {
          untaken();
          bounds(fn, ticket);
          fn.op('i32.ne').branch(1);
          fn.get(spins).plus(-1).tee(spins).branch(0);
          // who publishes a step counts the sleepers after it, and this counts itself before it looks for the last time
          fn.get(control).op(OP['i32.atomic.load'], 2, CONTROL.wake).set(wake);
          fn.get(control).i32(1).op(OP['i32.atomic.rmw.add'], 2, CONTROL.sleepers).op('drop');
          untaken();
          bounds(fn, ticket);
          fn.op('i32.eq').get(control).op(OP['i32.atomic.load'], 2, CONTROL.stop).op('i32.eqz').op('i32.and');
          fn.if(
            () => {
              fn.get(control)
                .get(wake)
                .op(OP['i64.const'], PATIENCE)
                .op(OP['memory.atomic.wait32'], 2, CONTROL.wake)
                .set(wake);
            },
            () => fn.i32(0).set(wake),
          );
          fn.get(control).i32(-1).op(OP['i32.atomic.rmw.add'], 2, CONTROL.sleepers).op('drop');
          // 2: nothing came for long
          fn.get(wake).i32(2).op('i32.eq').get(control).op(OP['i32.atomic.load'], 2, CONTROL.stop).op('i32.or');
          fn.if(() => fn.i32(0).op(OP.return));
          fn.branch(2, false);
        }),
      );
      // taken together only if the ticket is still there when the chunk is claimed
      fn.get(control).op(OP['i32.atomic.load'], 2, CONTROL.step).set(step);
      fn.get(step).memory('i32.load', 0).get(kernels).op('i32.ge_u');
      fn.if(() => fn.i32(1).op(OP.return));
      claim(fn, control, ticket, i, 1);
      fn.if(() => {
        chunk(fn, step, i, () => fn.get(control).get(worker).times(4).op('i32.add').memory('i32.load', CONTROL.scratch), kernelType); // prettier-ignore
        fn.get(control).i32(1).op(OP['i32.atomic.rmw.add'], 2, CONTROL.done).op('drop');
        fn.get(control).op(OP['i32.atomic.load'], 2, CONTROL.waiting);
        fn.if(() => fn.get(control).i32(1).op(OP['memory.atomic.notify'], 2, CONTROL.done).op('drop'));
      });
      fn.branch(0, false);
    });
    fn.op(OP.unreachable);
  });
}

/** A module with one function of so many numbers, that can call kernels. */
function module(
  make: MakeModule,
  parameters: number,
  body: (fn: FunctionBuilder, kernelType: number) => void,
): Uint8Array<ArrayBuffer> {
  const builder = make({ shared: true, table: true });
  const fn = builder.function('run', Array<'i32'>(parameters).fill('i32'), true, ['i32']);
  // never called: it has the type of kernels
  const kernel = builder.function('kernel', Array<'i32'>(4).fill('i32'));
  body(fn, kernel.index);
  return builder.bytes();
}

/** Pushes begin and end of the chunks that nobody has taken. */
function bounds(fn: FunctionBuilder, ticket: number): void {
  fn.get(ticket).op(OP['i32.wrap_i64']).i32(0xffff).op('i32.and');
  fn.get(ticket).op(OP['i32.wrap_i64']).i32(16).op('i32.shr_u');
}

/** Sets `i` to the first chunk, or the last, and pushes whether it was still in the ticket and is taken now. */
function claim(fn: FunctionBuilder, control: number, ticket: number, i: number, last: 0 | 1): void {
  fn.get(ticket).op(OP['i32.wrap_i64']);
  if (last) fn.i32(16).op('i32.shr_u').plus(-1).set(i);
  else fn.i32(0xffff).op('i32.and').set(i);
  fn.get(control).get(ticket);
  fn.get(ticket)
    .op(OP['i64.const'], last ? 65_536 : 1)
    .op(last ? OP['i64.sub'] : OP['i64.add']);
  fn.op(OP['i64.atomic.rmw.cmpxchg'], 3, CONTROL.ticket).get(ticket).op(OP['i64.eq']);
}

/** Claims chunks from the begin until there are none. */
function claims(fn: FunctionBuilder, control: number, ticket: number, i: number, last: 0 | 1, body: () => void): void {
  fn.block(() =>
    fn.loop(() => {
      fn.get(control).op(OP['i64.atomic.load'], 3, CONTROL.ticket).set(ticket);
      bounds(fn, ticket);
      fn.op('i32.eq').branch(1);
      claim(fn, control, ticket, i, last);
      fn.if(body);
      fn.branch(0, false);
    }),
  );
}

/** Runs chunk `i` of a step. */
function chunk(fn: FunctionBuilder, step: number, i: number, scratch: () => void, kernelType: number): void {
  fn.scope(() => {
    const at = fn.local('i32');
    fn.get(step).memory('i32.load', 4).get(i).times(CHUNK_BYTES).op('i32.add').set(at);
    for (const offset of [0, 4, 8]) fn.get(at).memory('i32.load', offset);
    scratch();
    fn.get(step).memory('i32.load', 0).op(OP.call_indirect, kernelType, 0);
  });
}
