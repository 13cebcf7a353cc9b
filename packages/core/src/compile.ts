import { type Backend, getDefaultBackend, isMemory, type Memory, namesApart } from './backend.js';
import { type TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import {
  allOrNothing,
  bind,
  commit,
  currentTrace,
  evaluate,
  executableOf,
  launch,
  linearizeFor,
  ownMemory,
  type Prepared,
  setTrace,
} from './evaluate.js';
import { backendOf, type Linearized, type Output } from './graph.js';
import { type HostScalar, type Node, nextNodeId, node } from './node.js';
import { Derived, Literal } from './operations.js';
import { showShape } from './shape.js';
import { Tensor } from './tensor.js';
import { type Effect, Trace } from './trace.js';
import { Parameter, readsVariables, Variable } from './variable.js';

export interface CompileOptions {
  /**
   * Traces the second and every hundredth call anew and throws if the program differs: a number that the body took
   * from outside and that changed is found, not suffered. Default: true, but false where NODE_ENV is 'production'.
   */
  readonly check?: boolean;
}

export type GivenArguments<A extends readonly unknown[]> = {
  [K in keyof A]: A[K] extends Tensor ? A[K] | number : A[K];
};
type Synchronous<R> = R extends PromiseLike<unknown> ? never : R;

/** A traced program, for one structure of arguments. */
interface Program extends Prepared {
  readonly trace: Trace;
  readonly outputs: readonly Output[];
  /** Where it would run if it were traced now: variables move, and the default backend changes. */
  readonly place: (flat: Arguments) => Backend | undefined;
  /** The gradients that parameters have after a call. */
  readonly gradients: readonly (readonly [Parameter, 'none' | 'written'])[];
  readonly rebuild: (tensors: readonly Tensor[]) => unknown;
  /** What the placeholders of numbers stand for during a call. */
  readonly numbers: { values: readonly number[] };
  calls: number;
}

/**
 * A function that is traced once for each structure of its arguments and then runs as one program. Numbers among the
 * arguments become 0-d tensors whose value is given at each call. What the body writes (parameters, gradients,
 * optimizer state, random counters) is written at each call; its other effects happen only when it is traced.
 * The body must be synchronous, and cannot read values.
 */
export function compile<A extends readonly unknown[], R>(
  body: (...args: A) => Synchronous<R>,
  options: CompileOptions = {},
): ((...args: GivenArguments<A>) => R) & { explain(): Promise<string> } {
  const check = options.check ?? (globalThis as { process?: { env?: Record<string, string> } }).process?.env?.['NODE_ENV'] !== 'production'; // prettier-ignore
  const programs = new Map<string, Program[]>();
  let latest: Program | undefined;
  const compiled = (...args: GivenArguments<A>): R => {
    // becomes part of the outer program
    if (currentTrace() !== undefined) return body(...(args.map(numbersAsTensors) as unknown as A));
    commit();
    const flat = new Arguments(args);
    const unevaluated = flat.tensors.filter((t) => t.node.value === undefined).map((t) => t.node);
    if (unevaluated.length > 0) evaluate(unevaluated, 'compile');
    let variants = programs.get(flat.key);
    if (variants === undefined) programs.set(flat.key, (variants = []));
    let program = variants.find(({ trace }) => trace.guards.every(({ read, value }) => Object.is(read(), value)));
    if (program !== undefined && program.place(flat) !== program.backend) {
      variants.splice(variants.indexOf(program), 1);
      program = undefined;
    }
    if (program === undefined) {
      program = traceBody(body, flat);
      variants.push(program);
    } else {
      program.calls += 1;
      if (check && (program.calls === 2 || program.calls % 100 === 0))
        compare(program, traceBody(body, flat, program.backend), program.calls);
    }
    latest = program;
    return runProgram(program, flat) as R;
  };
  return Object.assign(compiled, {
    explain: async () =>
      latest ? ((await latest.executable.explain?.()) ?? unexplained(latest.backend)) : 'not called yet',
  });
}

/** The arguments of a call: tensors and numbers taken out of their structure. */
class Arguments {
  readonly tensors: Tensor[] = [];
  readonly numbers: number[] = [];
  readonly key: string;
  readonly #args: readonly unknown[];

  constructor(args: readonly unknown[]) {
    this.#args = args;
    this.key = args.map((a) => this.#collect(a)).join();
  }
  #collect(a: unknown): string {
    if (a instanceof Variable) return `v${variableId(a)}`;
    if (a instanceof Tensor) {
      const index = this.tensors.indexOf(a);
      if (index >= 0) return `=${index}`;
      this.tensors.push(a);
      return `${a.dtype}${showShape(a.shape)}${a.backend === undefined ? '' : `@${a.backend.name}`}`;
    }
    if (typeof a === 'number') {
      this.numbers.push(a);
      return 'n';
    }
    if (Array.isArray(a)) return `[${a.map((x) => this.#collect(x)).join()}]`;
    if (isPlain(a)) return `{${Object.keys(a).map((k) => `${JSON.stringify(k)}:${this.#collect(a[k])}`).join()}}`; // prettier-ignore
    if (typeof a === 'string' || typeof a === 'boolean' || a === undefined || a === null)
      return JSON.stringify(a) ?? 'u';
    throw new KindlingError(
      `compile: an argument is ${a instanceof Object ? a.constructor.name : typeof a}; pass tensors, numbers, strings, booleans, and arrays and plain objects of them`,
    );
  }
  /** The arguments with placeholders for tensors and numbers. */
  placeholders(numbers: { values: readonly number[] }): unknown[] {
    let number = 0;
    const made = new Map<Tensor, Tensor>();
    const rebuild = (a: unknown): unknown => {
      if (a instanceof Variable) return a;
      if (a instanceof Tensor) {
        let placeholder = made.get(a);
        if (placeholder === undefined) {
          placeholder = new Tensor(
            node('argument', [], a.shape, a.dtype, {
              index: this.tensors.indexOf(a),
              held: a.node.value !== undefined && isMemory(a.node.value),
            }),
          );
          made.set(a, placeholder);
        }
        return placeholder;
      }
      if (typeof a === 'number') {
        const i = number++;
        return new Tensor(node('scalar', [], [], 'float32', { get: () => numbers.values[i] }));
      }
      if (Array.isArray(a)) return a.map(rebuild);
      return isPlain(a) ? Object.fromEntries(Object.entries(a).map(([k, v]) => [k, rebuild(v)])) : a;
    };
    return this.#args.map(rebuild);
  }
}

/** The numbers of a call within another compiled function: literals of that one. */
function numbersAsTensors(a: unknown): unknown {
  if (typeof a === 'number') return new Tensor(node('scalar', [], [], 'float32', new Literal(a)));
  if (Array.isArray(a)) return a.map(numbersAsTensors);
  return isPlain(a) ? Object.fromEntries(Object.entries(a).map(([k, v]) => [k, numbersAsTensors(v)])) : a;
}

function isPlain(a: unknown): a is Record<string, unknown> {
  return typeof a === 'object' && a !== null && !Array.isArray(a) && !(a instanceof Tensor) && [Object.prototype, null].includes(Object.getPrototypeOf(a) as object | null); // prettier-ignore
}

const variableIds = new WeakMap<Variable, number>();
let nextVariableId = 1;
function variableId(v: Variable): number {
  let id = variableIds.get(v);
  if (id === undefined) variableIds.set(v, (id = nextVariableId++));
  return id;
}

function traceBody(body: (...args: never) => unknown, flat: Arguments, given?: Backend): Program {
  const trace = new Trace();
  const numbers = { values: flat.numbers };
  const firstNode = nextNodeId();
  setTrace(trace);
  try {
    const result = (body as (...args: unknown[]) => unknown)(...flat.placeholders(numbers));
    if (result instanceof Promise) {
      result.catch(() => undefined); // what went wrong in it is this
      throw new KindlingError('compile: the body is asynchronous; it must return its tensors, and be awaited outside');
    }
    const outputs: Output[] = [];
    const rebuild = collectResults(result, outputs);
    for (const variable of trace.assigned)
      if (variable.pending !== undefined) outputs.push({ node: variable.pending, to: 'memory', variable });
    const gradients: (readonly [Parameter, 'none' | 'written'])[] = [];
    for (const [p, before] of trace.gradients) {
      const grad = p.peekGrad();
      if (grad === undefined) gradients.push([p, 'none']);
      else if (grad !== before) {
        outputs.push({ node: grad.node, to: 'memory', variable: p.gradSlot() });
        gradients.push([p, 'written']);
      }
    }
    setTrace(undefined);
    const outside = builtBefore(firstNode, outputs);
    if (outside.length > 0) evaluate(outside, 'compile');
    const linearized = linearizeFor(outputs, 'compile');
    const backend = backendOf(linearized.inputs, outputs) ?? held(flat) ?? given ?? getDefaultBackend();
    const executable = executableOf(backend, linearized);
    const place = placeOf(linearized, outputs);
    return { trace, linearized, outputs, backend, place, executable, gradients, rebuild, numbers, calls: 1 };
  } finally {
    setTrace(undefined);
    // tracing runs nothing: everything is as it was before
    for (const variable of trace.assigned) variable.pending = undefined;
    for (const [p, grad] of trace.gradients) p.restoreGrad(grad);
  }
}

/** The backend that holds an argument. */
function held(flat: Arguments): Backend | undefined {
  return flat.tensors.find((t) => t.backend !== undefined)?.backend;
}

/** Where a program belongs now. All variables of a program are on one backend, so that one of them tells. */
function placeOf({ inputs }: Linearized, outputs: readonly Output[]): Program['place'] {
  const variable =
    inputs.find((i): i is Variable => i instanceof Variable) ?? outputs.find((o) => o.variable !== undefined)?.variable;
  const memory = inputs.find((i): i is Memory => typeof i === 'object' && !(i instanceof Variable) && isMemory(i));
  return (flat) => variable?.memory?.backend ?? memory?.backend ?? held(flat) ?? getDefaultBackend();
}

/**
 * What a body uses of computations with variables that were noted before it was traced and are yet to be done. They are
 * done once, and not again at each call with what the variables have become.
 */
function builtBefore(firstNode: number, outputs: readonly Output[]): Node[] {
  const found = new Set<Node>();
  const seen = new Set<Node>();
  const stack = outputs.map((o) => o.node);
  while (stack.length > 0) {
    const n = stack.pop()!;
    if (seen.has(n) || n.value !== undefined) continue;
    seen.add(n);
    if (n.id >= firstNode) stack.push(...n.inputs);
    else if (n.inputs.length > 0 && readsVariables(n)) found.add(n);
  }
  return [...found];
}

function collectResults(result: unknown, outputs: Output[]): (tensors: readonly Tensor[]) => unknown {
  if (result instanceof Tensor) {
    const i = outputs.length;
    outputs.push({ node: result.node, to: result.node.kept ? 'memory' : 'host' });
    return (tensors) => tensors[i];
  }
  if (Array.isArray(result)) {
    const parts = result.map((r) => collectResults(r, outputs));
    return (tensors) => parts.map((part) => part(tensors));
  }
  if (isPlain(result)) {
    const parts = Object.entries(result).map(([k, v]) => [k, collectResults(v, outputs)] as const);
    return (tensors) => Object.fromEntries(parts.map(([k, part]) => [k, part(tensors)]));
  }
  if (typeof result === 'number')
    throw new KindlingError(
      `compile: the body returns the number ${result}, which would never change again; return a tensor, or compute it outside`,
    );
  return () => result;
}

function runProgram(program: Program, flat: Arguments): unknown {
  const { linearized, outputs, backend, trace, numbers } = program;
  const values = flat.tensors.map((t) => hostOrMemory(t, backend));
  const inputs = bind(linearized.inputs, backend, values);
  numbers.values = flat.numbers;
  const results = allOrNothing(() => {
    for (const effect of trace.effects) effect.run();
    return launch(program, outputs, inputs);
  });
  const tensors: Tensor[] = [];
  outputs.forEach(({ node: traced, variable }, i) => {
    if (variable === undefined) {
      const leaf = node('data', [], traced.shape, traced.dtype, { weak: false });
      leaf.value = results[i];
      if (traced.kept) ownMemory(leaf, leaf.value as Memory);
      tensors.push(new Tensor(leaf));
    } else variable.version += 1;
  });
  for (const [p, state] of program.gradients)
    if (state === 'none') p.restoreGrad(undefined);
    else p.gradientWritten();
  return program.rebuild(tensors);
}

function hostOrMemory(t: Tensor, backend: Backend): TypedArray | Memory {
  const { value } = t.node;
  if (value === undefined) throw new KindlingError(`compile: ${t.describe()} was disposed of`);
  if (isMemory(value) && value.backend !== backend) {
    const [there, here] = namesApart(value.backend, backend);
    throw new KindlingError(`compile: an argument is on ${there} and the program on ${here}; move it with to(backend)`);
  }
  return value;
}

/** Literals in the order in which a program takes them. */
function literals(scalars: readonly HostScalar[]): number[] {
  return scalars.flatMap((s) => (s instanceof Literal ? [s.value] : s instanceof Derived ? literals(s.inputs) : []));
}

function compare(program: Program, again: Program, call: number): void {
  const fail = (what: string): never => {
    throw new KindlingError(
      `compile: call ${call} does not mean what the traced call meant: ${what}. The body may depend on its arguments, ` +
        `parameters and optimizers only; pass what changes as an argument`,
    );
  };
  if (program.linearized.key !== again.linearized.key) fail('it has other operations');
  const [before, now] = [literals(program.linearized.scalars), literals(again.linearized.scalars)];
  before.forEach((x, i) => {
    if (!Object.is(x, now[i])) fail(`the number ${x} became ${now[i]}`);
  });
  program.linearized.inputs.forEach((input, i) => {
    const other = again.linearized.inputs[i];
    if (input === other) return;
    const equal =
      ArrayBuffer.isView(input) && ArrayBuffer.isView(other) && input.length === other.length &&
      input.every((x: number, j: number) => Object.is(x, other[j])); // prettier-ignore
    if (!equal) fail(`it uses another tensor from outside, of ${nodeShape(again, i)}`);
  });
}

function nodeShape({ linearized }: Program, input: number): string {
  const { nodes, inputs } = linearized.graph();
  return `shape ${showShape(nodes[inputs[input]].shape)}`;
}

/**
 * Numbers computed on the host, as 0-d tensors: now, and in a compiled function at every call. An optimizer's step
 * count and learning rate come this way. What `compute` changes must be undone if the program that needs it fails: it
 * says how with `undoIfItFails`.
 */
export function hostScalars(
  count: number,
  compute: () => readonly number[],
  dtype: 'float32' | 'float64' | 'uint32' = 'float32',
): Tensor[] {
  let values: readonly number[] = [];
  const effect: Effect = {
    run: () => {
      values = compute();
    },
  };
  const trace = currentTrace();
  if (trace === undefined) effect.run();
  else trace.effects.push(effect);
  return Array.from({ length: count }, (_, i) => new Tensor(node('scalar', [], [], dtype, { get: () => values[i] })));
}

function unexplained({ name }: Backend): string {
  return `backend '${name}' does not explain itself`;
}

/** The graph behind a tensor, and the kernels that compute it: for people. */
export async function explain(t: Tensor): Promise<string> {
  const outputs: Output[] = [{ node: t.node, to: 'host' }];
  const linearized = linearizeFor(outputs, 'explain');
  const lines = linearized
    .graph()
    .nodes.map(
      (n, i) =>
        `  ${i}: ${n.op}${n.inputs.length > 0 ? `(${n.inputs.join(', ')})` : ''}` +
        `${n.attribute === undefined ? '' : ` ${JSON.stringify(n.attribute)}`} ${n.dtype} ${showShape(n.shape)}`,
    );
  const backend = backendOf(linearized.inputs, outputs) ?? getDefaultBackend();
  const kernels = (await executableOf(backend, linearized).explain?.()) ?? unexplained(backend);
  return `graph\n${lines.join('\n')}\n${kernels}`;
}
