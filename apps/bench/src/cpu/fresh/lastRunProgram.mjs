// usage: node lastRunProgram.mjs MODULE PEER OPTIONS WORKS - runs each of the works once and tells how long the last took
import { timed } from '../../measure.mjs';
import { adds } from '../../works/adds.mjs';
import { works } from '../../works/index.mjs';
import { tellUsed } from './used.mjs';

process.env.OMP_WAIT_POLICY ??= 'PASSIVE'; // or PyTorch would try both, and have done a step before the first
const [module, wanted, options, list] = process.argv.slice(2);
const { open } = await import(module);
const peers = [await open(JSON.parse(options), () => {})].flat();
const { make, close } = peers.find(({ name }) => name === wanted);
let ms;
for (const [name, ...args] of JSON.parse(list))
  ms = await timed(await make(name === 'adds' ? adds(...args) : works.cpu[name]()), 1, 'wall');
await close?.();
tellUsed({ ms });
