// usage: node firstStepProgram.mjs MODULE PEER OPTIONS
import { works } from '../../works/index.mjs';
import { tellUsed } from './used.mjs';

process.env.OMP_WAIT_POLICY ??= 'PASSIVE'; // or PyTorch would try both, and have done a step before the first
const [module, wanted, options] = process.argv.slice(2);
const { open } = await import(module);
const peers = [await open(JSON.parse(options), () => {})].flat();
const runner = await peers.find(({ name }) => name === wanted).make(works.cpu.mlp());
await runner.begin?.();
const start = performance.now();
if (runner.elapsed) await runner.elapsed(1, 'wall');
else {
  await runner.run();
  await runner.finish();
}
tellUsed({ ms: performance.now() - start });
