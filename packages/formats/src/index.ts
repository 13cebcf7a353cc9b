export type { RawArray } from './array.js';
export { decodeNpy, encodeNpy, readNpy, writeNpy } from './npy.js';
export {
  decodeSafetensors,
  encodeSafetensors,
  readSafetensors,
  writeSafetensors,
  type SafetensorsFile,
} from './safetensors.js';
export type { ByteSource } from './source.js';
export { fromTorchState, toTorchState } from './torchState.js';
