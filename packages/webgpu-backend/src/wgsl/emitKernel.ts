import { type InParts, type Kernel, maskReduction, part, splitLoops } from '@kindling/compiler';
import { contractAsLoops } from './contractAsLoops.js';
import { chooseTiles, type ContractTiles, sizeOfContract } from './contractTiles.js';
import { emitContract } from './emitContract.js';
import { emitLoops } from './emitLoops.js';
import { emitScatter, isScatter } from './emitScatter.js';
import { partsOf } from './partsOf.js';
import { splitContract } from './splitContract.js';
import type { Program, ShaderLimits, Stage } from './stage.js';

/** The dispatches of a kernel. `tiles`, where given, are those of its contraction. */
export function emitKernel(kernel: Kernel, limits: ShaderLimits, tiles?: ContractTiles): Program {
  const { body } = kernel;
  if (isScatter(kernel)) return whole(kernel, emitScatter(kernel, limits));
  if (body.kind === 'contract') return contraction(kernel, limits, tiles ?? chooseTiles(kernel, limits));
  if (!kernel.segmented) {
    const split = splitLoops(kernel, (block, rows) => limits.split ?? partsOf(block, rows, kernel.axes, limits.isSoftware), maskReduction); // prettier-ignore
    if (split !== undefined) return inParts(split, limits, undefined);
  }
  return whole(kernel, emitLoops(kernel, limits));
}

function contraction(kernel: Kernel, limits: ShaderLimits, tiles: ContractTiles): Program {
  const split = tiles.split > 1 ? splitContract(kernel, tiles.split) : undefined;
  if (split !== undefined) return inParts(split, limits, { ...tiles, split: 1 });
  if (tiles.kind === 'loops') return emitKernel(contractAsLoops(kernel), limits);
  return whole(kernel, emitContract(kernel, sizeOfContract(kernel), tiles));
}

function whole(kernel: Kernel, stages: readonly Stage[]): Program {
  const buffers = kernel.buffers.map((_, i) => i);
  return { stages: stages.map((stage) => ({ ...stage, buffers })), scratch: [] };
}

function inParts({ parts, scratch }: InParts, limits: ShaderLimits, tiles: ContractTiles | undefined): Program {
  const stages = parts.map(part).flatMap(({ kernel, buffers }) => {
    const isContract = (body: Kernel['body']) => body.kind === 'contract';
    const own =
      isContract(kernel.body) && tiles !== undefined && tiles.kind !== 'loops'
        ? emitContract(kernel, sizeOfContract(kernel), tiles)
        : emitLoops(isContract(kernel.body) ? contractAsLoops(kernel) : kernel, limits);
    return own.map((stage) => ({ ...stage, buffers }));
  });
  return { stages, scratch };
}
