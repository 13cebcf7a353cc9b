import { type Backend, type Executable, getDefaultBackend, isMemory, type Memory } from './backend.js';
import type { TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import { backendOf, linearize, type Linearized, type Output, sourcesOf, StaleVariable } from './graph.js';
import { narrows } from './narrows.js';
import type { Attributes, Node } from './node.js';
import { inOrder } from './order.js';
import { showShape } from './shape.js';
import type { Trace } from './trace.js';
import type { Parameter, Variable } from './variable.js';

// What waits for the next evaluation. Everything that waits takes part in it, so that the order of a program's
// statements, not of its reads, decides what it means.
const losses = new Map<Node, { readonly retainGraph: boolean }>();
const gradients = new Set<Parameter>();
const assignments = new Set<Variable>();
const kept = new Set<Node>();
// Counts on the host that run ahead of programs, such as the steps of an optimizer: how to take them back.
const ahead: (() => void)[] = [];

/** Notes how to undo a change of the host that holds only if the next program runs. */
export function undoIfItFails(undo: () => void): void {
  ahead.push(undo);
}

/** Runs a program: where it fails, what the host has counted for it is undone, the last first. */
export function allOrNothing<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    for (const undo of ahead.reverse()) undo();
    throw error;
  } finally {
    ahead.length = 0;
  }
}

let tracing: Trace | undefined;
/** The trace under way, if a compiled function is being traced. */
export function currentTrace(): Trace | undefined {
  return tracing;
}
export function setTrace(trace: Trace | undefined): void {
  tracing = trace;
}

/**
 * A value that decides which operations a program has, such as the train mode: a compiled function remembers it and
 * traces anew when it differs.
 */
export function guarded<T>(read: () => T): T {
  const value = read();
  tracing?.guards.push({ read, value });
  return value;
}

/** Notes that `variable` has a new value to be written. */
export function assigned(variable: Variable): void {
  if (tracing !== undefined) tracing.assigned.add(variable);
  else assignments.add(variable);
}

/** Autograd says that it has made gradients of `loss` for these parameters. */
export function registerBackward(loss: Node, parameters: Iterable<Parameter>, retainGraph: boolean): void {
  if (tracing !== undefined) return;
  losses.set(loss, { retainGraph });
  for (const p of parameters) gradients.add(p);
}

/** Notes that a gradient was given by hand: it is kept where those of `backward` are. */
export function gradientGiven(p: Parameter): void {
  gradients.add(p);
}

/** Evaluates what an earlier `backward` has left, so that accumulated gradients never hold more than one pass. */
export function settleBackward(): void {
  if (tracing === undefined && losses.size > 0) evaluate([]);
}

/** Realises all that waits: new values of variables, the losses given to `backward`, gradients. */
export function commit(): void {
  if (tracing === undefined) evaluate([]);
}

/** Makes the values of `nodes` known, and with them all that waits. */
export function evaluate(nodes: readonly Node[], reader?: string): void {
  if (tracing !== undefined)
    throw new KindlingError(
      `${reader ?? 'evaluate'}: a compiled function reads a value while it is traced; return the tensor and read it outside`,
    );
  allOrNothing(() => {
    evaluateWaiting(nodes, reader);
  });
}

function evaluateWaiting(nodes: readonly Node[], reader: string | undefined): void {
  const outputs: Output[] = [];
  const asked = new Set<Node>();
  const ask = (node: Node): void => {
    if (node.value === undefined && node.op !== 'data' && !asked.has(node)) {
      asked.add(node);
      outputs.push({ node, to: node.kept ? 'memory' : 'host' });
    }
  };
  for (const loss of losses.keys()) ask(loss);
  for (const n of nodes) ask(n);
  for (const n of kept) ask(n);
  const written: { readonly node: Node; readonly variable: Variable; readonly gradientOf?: Parameter }[] = [];
  for (const variable of assignments) {
    // what was never evaluated starts with what was assigned to it last
    if (variable.pending !== undefined) written.push({ node: variable.pending, variable });
  }
  for (const p of gradients) {
    const grad = p.peekGrad();
    if (grad !== undefined && grad.node !== p.gradSlot().node)
      written.push({ node: grad.node, variable: p.gradSlot(), gradientOf: p });
  }
  for (const w of written) outputs.push({ ...w, to: 'memory' });
  if (outputs.length === 0) return;
  const stages = new Stages();
  let prepared: Prepared;
  try {
    prepared = stages.run(outputs, reader ?? 'step');
  } catch (error) {
    if (nodes.length > 0)
      evaluate([]); // what waits is not at fault for what is read
    else forgetWaiting();
    throw error;
  }
  try {
    execute(prepared, outputs);
    for (const { node, variable, gradientOf } of written) {
      variable.version += 1;
      variable.pending = undefined;
      if (node.op !== 'variable') node.become(variable);
      gradientOf?.gradientWritten();
    }
  } finally {
    stages.release();
    forgetWaiting();
  }
}

/** Also after an error: what cannot be evaluated must not block everything after it. */
function forgetWaiting(): void {
  for (const variable of assignments) variable.pending = undefined;
  const done = [...losses];
  losses.clear();
  gradients.clear();
  assignments.clear();
  kept.clear();
  for (const [loss, { retainGraph }] of done) if (!retainGraph && loss.value !== undefined) loss.cut();
}

/** Marks `n` to stay in device memory when it is evaluated next. */
export function keepNode(n: Node): void {
  if (n.value !== undefined) return;
  n.kept = true;
  if (tracing === undefined) kept.add(n);
}

const programs = new WeakMap<Backend, Map<string, Executable>>();
const programLimit = 1000;
const counts = { prepared: 0, runs: 0 };

/** How many programs have been compiled and run, for tests and for people who look for recompilation. */
export function programStatistics(): { readonly prepared: number; readonly runs: number } {
  return { ...counts };
}

/** The executable of a graph, compiled when its structure is met for the first time. */
export function executableOf(backend: Backend, linearized: Linearized): Executable {
  const { key } = linearized;
  let cache = programs.get(backend);
  if (cache === undefined) programs.set(backend, (cache = new Map<string, Executable>()));
  let executable = cache.get(key);
  if (executable === undefined) {
    const graph = linearized.graph();
    for (const { dtype } of graph.nodes)
      if (!backend.dtypes.has(dtype))
        throw new KindlingError(
          `backend '${backend.name}' does not have ${dtype}, only ${[...backend.dtypes].join(', ')}; cast with to('float32')`,
        );
    executable = backend.prepare(graph);
    counts.prepared += 1;
    if (cache.size >= programLimit) cache.delete(cache.keys().next().value!);
  } else cache.delete(key);
  cache.set(key, executable); // the least recently used is first
  return executable;
}

const memories = new FinalizationRegistry<Memory>((memory) => {
  memory.free();
});
/** A backstop: memory whose owner was forgotten is given back when the collector finds out. */
export function ownMemory(owner: object, memory: Memory): void {
  memories.register(owner, memory, memory);
}
export function disownMemory(memory: Memory): void {
  memories.unregister(memory);
  memory.free();
}

/** Gives device memory to variables that were never evaluated. */
export function initialize(variables: readonly Variable[], backend: Backend): void {
  const computed: Output[] = [];
  for (const v of variables) {
    const initial = v.initial!;
    const value = initial.value;
    if (value !== undefined && !isMemory(value)) {
      v.memory = backend.allocate(v.shape, v.dtype);
      ownMemory(v, v.memory);
      backend.write(v.memory, value);
      v.initial = undefined;
    } else computed.push({ node: initial, to: 'memory', variable: v });
  }
  if (computed.length === 0) return;
  execute(prepare(computed, 'the first value of a variable', backend), computed);
  for (const { variable } of computed) variable!.initial = undefined;
}

/** The memories and arrays that a linearized graph reads, initialising variables on the way. */
export function bind(
  inputs: Linearized['inputs'],
  backend: Backend,
  args?: readonly (TypedArray | Memory)[],
): (TypedArray | Memory)[] {
  const fresh: Variable[] = [];
  for (const input of inputs)
    if (typeof input === 'object' && 'version' in input && input.memory === undefined && !fresh.includes(input)) {
      if (input.initial === undefined)
        throw new KindlingError(`${input.describe()} was disposed of and is needed again`);
      fresh.push(input);
    }
  if (fresh.length > 0) initialize(fresh, backend);
  return inputs.map((input): TypedArray | Memory => {
    if (typeof input === 'number') return args![input];
    return 'version' in input ? input.memory! : input;
  });
}

export interface Prepared {
  readonly linearized: Linearized;
  readonly backend: Backend;
  readonly executable: Executable;
}

/**
 * Runs a program; the values of its outputs, as the memory where there is one. Memory is allocated where there is none
 * yet; if something fails, as when there is no room, it is given back, and variables are what they were.
 */
export function launch(
  { linearized, backend, executable }: Prepared,
  outputs: readonly Output[],
  inputs: readonly (TypedArray | Memory)[],
): (TypedArray | Memory)[] {
  const fresh: Memory[] = [];
  try {
    const memories = outputs.map(({ node, to, variable }) => {
      if (to === 'host') return undefined;
      return variable?.memory ?? fresh[fresh.push(backend.allocate(node.shape, node.dtype)) - 1];
    });
    const scalars = Float64Array.from(linearized.scalars, (s) => s.get());
    const results = executable.run(inputs, scalars, memories);
    ran(backend);
    outputs.forEach(({ variable }, i) => {
      if (variable === undefined || variable.memory !== undefined) return;
      variable.memory = memories[i]!;
      variable.initial = undefined;
      ownMemory(variable, variable.memory);
    });
    return outputs.map((_, i) => results[i] ?? memories[i]!);
  } catch (error) {
    for (const memory of fresh) memory.free();
    throw error;
  }
}

function prepare(outputs: readonly Output[], reader: string, given?: Backend): Prepared {
  return programOf(linearizeFor(outputs, reader), outputs, given);
}

function programOf(linearized: Linearized, outputs: readonly Output[], given?: Backend): Prepared {
  const backend = backendOf(linearized.inputs, outputs) ?? given ?? getDefaultBackend();
  return { linearized, backend, executable: executableOf(backend, linearized) };
}

function run(program: Prepared, outputs: readonly Output[]): (TypedArray | Memory)[] {
  return launch(program, outputs, bind(program.linearized.inputs, program.backend));
}

function execute(program: Prepared, outputs: readonly Output[]): void {
  const values = run(program, outputs);
  outputs.forEach(({ node, variable }, i) => {
    if (variable !== undefined) return;
    node.value = values[i];
    if (node.kept) ownMemory(node, node.value as Memory);
    if (!node.requiresGrad) node.cut();
  });
}

/** Evaluates a long graph piece by piece (see `narrows`) and holds what passes from one piece to the next. */
class Stages {
  #passing: readonly Node[] = [];

  /** Runs all pieces but the last, which is returned. */
  run(outputs: readonly Output[], reader: string): Prepared {
    const ends = outputs.map(({ node }) => node);
    const order = inOrder(ends);
    const cuts = narrows(order, ends);
    if (cuts.length === 0) return programOf(linearizeFor(outputs, reader, order), outputs);
    const sources = readFor(outputs, reader, () => sourcesOf(order));
    const backend = backendOf(sources, outputs) ?? getDefaultBackend();
    try {
      for (const cut of cuts) {
        const piece = cut.flatMap((node) => (node.value === undefined ? [{ node, to: 'memory' as const }] : []));
        const values = run(prepare(piece, reader, backend), piece);
        piece.forEach(({ node }, i) => (node.value = values[i]));
        this.#passed(cut);
      }
      return prepare(outputs, reader, backend);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  /** Forgets the values again: later readers compute them anew, as everything that is not asked for. */
  release(): void {
    this.#passed([]);
  }

  #passed(next: readonly Node[]): void {
    for (const node of this.#passing)
      if (!next.includes(node)) {
        (node.value as Memory).free();
        node.value = undefined;
      }
    this.#passing = next;
  }
}

/** `linearize` for somebody. */
export function linearizeFor(outputs: readonly Output[], reader: string, order?: readonly Node[]): Linearized {
  return readFor(outputs, reader, () => linearize(outputs, order));
}

/** Runs `body`, which reads what `outputs` need: an overwritten value is reported with what needs it. */
function readFor<T>(outputs: readonly Output[], reader: string, body: () => T): T {
  try {
    return body();
  } catch (error) {
    if (!(error instanceof StaleVariable)) throw error;
    const culprit = outputs.find(({ node }) => needs(node, error.variable)) ?? outputs[0];
    throw new KindlingError(
      `${reader}: ${describeNode(culprit.node)} needs the value that ${error.variable.describe()} had before it was ` +
        `overwritten (by optimizer.step() or an assignment). Read it before the step, or call keep(tensor) before the step`,
    );
  }
}

/** Backends that have run something since their `check` was last asked. */
const unchecked = new Set<Backend>();
/** Notes that a program was run, whose faults are reported at the next read. */
function ran(backend: Backend): void {
  counts.runs += 1;
  unchecked.add(backend);
}
function reportFaults(): void {
  const backends = [...unchecked];
  unchecked.clear();
  for (const backend of backends) backend.check?.();
}

/** Whether a graph needs an outdated value of `variable`. */
function needs(root: Node, variable: Variable): boolean {
  const seen = new Set<Node>();
  const stack = [root];
  while (stack.length > 0) {
    const n = stack.pop()!;
    if (seen.has(n) || n.value !== undefined) continue;
    seen.add(n);
    if (n.op === 'variable') {
      const leaf = n.attribute as Attributes['variable'];
      if (leaf.variable === variable && leaf.version !== variable.version) return true;
    }
    stack.push(...n.inputs);
  }
  return false;
}

function describeNode(n: Node): string {
  return `the ${n.op} of shape ${showShape(n.shape)}`;
}

/** Host values of a node: from memory, or evaluated first. */
export async function readNode(n: Node, reader: string): Promise<TypedArray> {
  const value = valueOf(n, reader);
  const array = isMemory(value) ? await value.read() : value;
  if (isMemory(value)) unchecked.add(value.backend); // it may have learned of a fault only now
  reportFaults();
  return array;
}

/** As `readNode`, at once; only where the backend can. */
export function readNodeSync(n: Node, reader: string): TypedArray {
  const value = valueOf(n, reader);
  if (isMemory(value) && value.readSync === undefined)
    throw new KindlingError(
      `${reader}: backend '${value.backend.name}' cannot read at once; use the asynchronous form`,
    );
  const array = isMemory(value) ? value.readSync!() : value;
  reportFaults();
  return array;
}

function valueOf(n: Node, reader: string): TypedArray | Memory {
  if (n.value === undefined && n.op === 'variable') {
    // reading a variable needs no program where nothing waits
    const { variable, version } = n.attribute as Attributes['variable'];
    if (variable.version === version && variable.memory !== undefined && variable.pending === undefined)
      return variable.memory;
  }
  if (n.value === undefined) evaluate([n], reader);
  if (n.value === undefined) throw new KindlingError(`${reader}: ${describeNode(n)} was disposed of`);
  return n.value;
}
