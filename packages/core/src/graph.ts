import { type Backend, type Graph, type GraphNode, isMemory, type Memory, namesApart } from './backend.js';
import type { DType, TypedArray } from './dtype.js';
import { KindlingError } from './errors.js';
import type { Attributes, HostScalar, Node, Op } from './node.js';
import { shapeId, showShape } from './shape.js';
import type { Variable } from './variable.js';

/** A value-free graph, its key, and what this evaluation binds to it. */
export interface Linearized {
  readonly key: string;
  readonly graph: Graph;
  /** For each input of the graph: a host array, a memory, a variable (its memory), or the number of an argument. */
  readonly inputs: readonly (TypedArray | Memory | Variable | number)[];
  readonly scalars: readonly HostScalar[];
}

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
 * @param sources Takes the node behind each position of the graph.
 */
export function linearize(outputs: readonly Output[], sources: Node[] = []): Linearized {
  const nodes: GraphNode[] = [];
  const positions = new Map<Node, number>();
  const inputs: (TypedArray | Memory | Variable | number)[] = [];
  const inputPositions: number[] = [];
  const shared = new Map<unknown, number>(); // one input for one array, memory or variable
  const scalars: HostScalar[] = [];
  const scalarPositions: number[] = [];
  const words: number[] = [];
  const word = (n: number): void => {
    // UTF-16 units below 0x8000 are one unit, larger numbers take three
    if (n >= 0 && n < 0x7fff) words.push(n);
    else words.push(0x7fff, (n >>> 15) & 0x7fff, n & 0x7fff);
  };

  const emit = (n: Node): number => {
    word(dtypeCode[n.dtype]);
    word(shapeId(n.shape));
    if (n.value !== undefined || n.op === 'data' || n.op === 'variable' || n.op === 'argument') {
      const source = bound(n);
      let position = shared.get(source);
      if (position !== undefined && nodes[position].shape === n.shape) {
        words.push(1);
        word(position);
        return position;
      }
      position = nodes.length;
      const held = n.op === 'argument' ? (n.attribute as Attributes['argument']).held : !ArrayBuffer.isView(source);
      words.push(held ? 2 : 0);
      shared.set(source, position);
      inputs.push(source);
      inputPositions.push(position);
      sources.push(n);
      nodes.push({ op: 'input', inputs: [], shape: n.shape, dtype: n.dtype, attribute: held ? 'memory' : 'host' });
      return position;
    }
    if (n.inputs.length === 0 && !computedFromNothing.has(n.op)) throw disposed(n);
    const position = nodes.length;
    word(opCode(n.op) + 2);
    const operands = n.inputs.map((input) => positions.get(input)!);
    if (n.op === 'identity') word(operands.length); // the others have as many inputs as the operation says
    for (const p of operands) word(position - p);
    let attribute = n.attribute;
    switch (n.op) {
      case 'scalar':
        scalars.push(attribute as HostScalar);
        scalarPositions.push(position);
        attribute = undefined;
        break;
      case 'const':
        literalBits[0] = attribute as number;
        for (const w of literalWords) word(w);
        break;
      case 'identity':
        attribute = undefined;
        break;
      case 'gather':
      case 'scatterAdd':
        word(attribute as number);
        break;
      case 'pad':
      case 'shrink':
        for (const [a, b] of attribute as Attributes['pad']) {
          word(a);
          word(b);
        }
        break;
      default:
        if (attribute !== undefined) {
          const list = attribute as readonly number[];
          word(list.length);
          for (const a of list) word(a);
        }
    }
    sources.push(n);
    nodes.push({ op: n.op, inputs: operands, shape: n.shape, dtype: n.dtype, attribute });
    return position;
  };

  // depth first without recursion: graphs can be very deep
  const stack: Node[] = [];
  for (const output of outputs) stack.push(output.node);
  stack.reverse();
  while (stack.length > 0) {
    const n = stack[stack.length - 1];
    if (positions.has(n)) {
      stack.pop();
      continue;
    }
    let ready = true;
    if (n.value === undefined)
      for (let i = n.inputs.length - 1; i >= 0; i--)
        if (!positions.has(n.inputs[i])) {
          stack.push(n.inputs[i]);
          ready = false;
        }
    if (ready) {
      stack.pop();
      positions.set(n, emit(n));
    }
  }
  words.push(0); // no node begins with 0
  const graphOutputs = outputs.map(({ node, to, variable }) => {
    const over = variable === undefined ? -1 : inputs.indexOf(variable);
    word(positions.get(node)!);
    words.push(to === 'host' ? 1 : 2);
    word(over + 1);
    return { node: positions.get(node)!, to, ...(over >= 0 ? { over } : {}) };
  });
  let key = '';
  for (let i = 0; i < words.length; i += 8192) key += String.fromCharCode(...words.slice(i, i + 8192));
  return {
    key,
    graph: { nodes, inputs: inputPositions, scalars: scalarPositions, outputs: graphOutputs },
    inputs,
    scalars,
  };
}

/** What a leaf is bound to. */
function bound(n: Node): TypedArray | Memory | Variable | number {
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
