import { type Backend, type Graph, type GraphNode, isMemory, type Memory, namesApart } from './backend.js';
import type { DType, TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import type { Attributes, HostScalar, Node, Op } from './node.js';
import { inOrder } from './order.js';
import { shapeId, showShape } from './shape.js';
import type { Variable } from './variable.js';

/** The key of a value-free graph, the graph, and what this evaluation binds to it. */
export interface Linearized {
  readonly key: string;
  /** Built when it is asked for, as it is only where the key is new; before anything of it is evaluated. */
  readonly graph: () => Graph;
  /** For each input of the graph: a host array, a memory, a variable (its memory), or the number of an argument. */
  readonly inputs: readonly Source[];
  readonly scalars: readonly HostScalar[];
}

/** What an input is bound to. */
export type Source = TypedArray | Memory | Variable | number;

export interface Output {
  readonly node: Node;
  readonly to: 'host' | 'memory';
  /** The variable written. */
  readonly variable?: Variable;
}

const computedFromNothing: ReadonlySet<Op> = new Set<Op>(['scalar', 'const', 'iota']);
const opCodes = new Map<Op, number>();
const dtypeCode: Record<DType, number> = { float32: 1, float64: 2, float16: 3, int32: 4, uint32: 5, bool: 6 };

function opCode(op: Op): number {
  let code = opCodes.get(op);
  if (code === undefined) opCodes.set(op, (code = opCodes.size + 1));
  return code;
}

const literalBits = new Float64Array(1);
const literalWords = new Uint16Array(literalBits.buffer);

/**
 * Turns what leads to `outputs` into a graph without values and a key: equal keys mean equal graphs.
 * @param order What leads to them, inputs first.
 */
export function linearize(outputs: readonly Output[], order: readonly Node[] = orderOf(outputs)): Linearized {
  const inputs: Source[] = [];
  const scalars: HostScalar[] = [];
  const shared = new Map<Source, Node>(); // one input for one array, memory or variable
  const positions: number[] = []; // of each node of the order; that of another for an input shared with it
  const words: number[] = [];
  let count = 0;
  for (let i = 0; i < order.length; i++) {
    const n = order[i];
    words.push(dtypeCode[n.dtype]);
    word(words, shapeId(n.shape));
    if (isInput(n)) {
      const source = bound(n);
      const other = shared.get(source);
      if (other !== undefined && other.shape === n.shape) {
        words.push(1);
        word(words, other.position);
        positions.push((n.position = other.position));
        continue;
      }
      shared.set(source, n);
      inputs.push(source);
      words.push(isHeld(n, source) ? 2 : 0);
    } else {
      if (n.op === 'scalar') scalars.push(n.attribute as HostScalar);
      describe(words, n, count);
    }
    positions.push((n.position = count++));
  }
  words.push(0); // no node begins with 0
  for (const { node, to, variable } of outputs) {
    word(words, node.position);
    words.push(to === 'host' ? 1 : 2);
    word(words, overwritten(inputs, variable) + 1);
  }
  let key = '';
  for (let i = 0; i < words.length; i += 8192) key += String.fromCharCode(...words.slice(i, i + 8192));
  return { key, inputs, scalars, graph: () => graphOf(outputs, order, positions, inputs) };
}

function orderOf(outputs: readonly Output[]): Node[] {
  return inOrder(outputs.map(({ node }) => node));
}

/** UTF-16 units below 0x8000: small numbers are one, larger ones three. */
function word(words: number[], n: number): void {
  if (n >= 0 && n < 0x7fff) words.push(n);
  else words.push(0x7fff, (n >>> 15) & 0x7fff, n & 0x7fff);
}

/** Operation, distances to the operands, attribute. */
function describe(words: number[], n: Node, position: number): void {
  if (n.inputs.length === 0 && !computedFromNothing.has(n.op)) throw disposed(n);
  word(words, opCode(n.op) + 2);
  if (n.op === 'identity') word(words, n.inputs.length); // the others have as many inputs as the operation says
  for (let i = 0; i < n.inputs.length; i++) word(words, position - n.inputs[i].position);
  switch (n.op) {
    case 'scalar':
    case 'identity':
      break;
    case 'const':
      literalBits[0] = n.attribute as number;
      for (const w of literalWords) word(words, w);
      break;
    case 'gather':
    case 'scatterAdd':
      word(words, n.attribute as number);
      break;
    case 'pad':
    case 'shrink':
      for (const [a, b] of n.attribute as Attributes['pad']) {
        word(words, a);
        word(words, b);
      }
      break;
    default:
      if (n.attribute !== undefined) {
        const list = n.attribute as readonly number[];
        word(words, list.length);
        for (const a of list) word(words, a);
      }
  }
}

function graphOf(
  outputs: readonly Output[],
  order: readonly Node[],
  positions: readonly number[],
  sources: readonly Source[],
): Graph {
  const nodes: GraphNode[] = [];
  const inputs: number[] = [];
  const scalars: number[] = [];
  order.forEach((n, i) => {
    n.position = positions[i]; // others may have numbered it meanwhile
    const { op, shape, dtype } = n;
    if (n.position < nodes.length) return;
    if (isInput(n)) {
      const attribute = isHeld(n, sources[inputs.length]) ? 'memory' : 'host';
      inputs.push(n.position);
      nodes.push({ op: 'input', inputs: [], shape, dtype, attribute });
    } else {
      if (op === 'scalar') scalars.push(n.position);
      const attribute = op === 'scalar' || op === 'identity' ? undefined : n.attribute;
      nodes.push({ op, inputs: n.inputs.map(({ position }) => position), shape, dtype, attribute });
    }
  });
  const graphOutputs = outputs.map(({ node, to, variable }) => {
    const over = overwritten(sources, variable);
    return { node: node.position, to, ...(over >= 0 ? { over } : {}) };
  });
  return { nodes, inputs, scalars, outputs: graphOutputs };
}

/** Whether a program is given its value rather than computes it. */
function isInput(n: Node): boolean {
  return n.value !== undefined || n.op === 'data' || n.op === 'variable' || n.op === 'argument';
}

/** In the memory of a device. */
function isHeld(n: Node, source: Source): boolean {
  return n.op === 'argument' ? (n.attribute as Attributes['argument']).held : !ArrayBuffer.isView(source);
}

/** Which of the inputs is written; −1 if none. */
function overwritten(inputs: readonly Source[], variable: Variable | undefined): number {
  return variable === undefined ? -1 : inputs.indexOf(variable);
}

/** What the nodes of an order that a program is given are bound to. */
export function sourcesOf(order: readonly Node[]): Source[] {
  return order.filter(isInput).map(bound);
}

/** What a leaf is bound to. */
function bound(n: Node): Source {
  if (n.op === 'variable') {
    // the variable rather than a copy of its value that was read: a program must not depend on what was read
    const { variable, version } = n.attribute as Attributes['variable'];
    if (variable.version === version) return variable;
    if (n.value === undefined) throw new StaleVariable(variable);
  }
  if (n.value !== undefined) return n.value;
  if (n.op === 'argument') return (n.attribute as Attributes['argument']).index;
  throw disposed(n);
}

function disposed(n: Node): KindlingError {
  return new KindlingError(`the ${n.op} of shape ${showShape(n.shape)} was disposed of and is needed again`);
}

/** A graph needs a value that has been overwritten since; the reader adds who it is. */
export class StaleVariable extends Error {
  constructor(readonly variable: Variable) {
    super('stale');
  }
}

/** The backend that the leaves name; host data and scalars follow the others. */
export function backendOf(inputs: Linearized['inputs'], outputs: readonly Output[]): Backend | undefined {
  let backend: Backend | undefined;
  const meet = (other: Backend | undefined): void => {
    if (other === undefined) return;
    if (backend !== undefined && backend !== other) {
      const [first, second] = namesApart(backend, other);
      throw new KindlingError(
        `tensors on ${first} and on ${second} meet in one computation; move them to one backend with to(backend)`,
      );
    }
    backend = other;
  };
  for (const input of inputs)
    if (typeof input === 'object') {
      if ('version' in input) meet(input.memory?.backend);
      else if (isMemory(input)) meet(input.backend);
    }
  for (const { variable } of outputs) meet(variable?.memory?.backend);
  return backend;
}
