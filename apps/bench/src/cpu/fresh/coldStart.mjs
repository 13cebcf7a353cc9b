import { summary } from '../../measure.mjs';
import { environment } from '../../peers/torch/process.mjs';
import { python } from '../../peers/torch/python.mjs';
import { pathOf, runProgram, tell } from './processes.mjs';

const node = (name) => [process.execPath, [pathOf(`coldStart/${name}.mjs`)]];
const used = 'import json, time; print(json.dumps({"used": time.process_time()}))';
const inPython = (program) => [python, ['-c', `${program}\n${used}`], environment(1)];

/** A program for each peer that imports its library, adds once and reads the sum; and the empty one to subtract. */
const programs = {
  Kindling: [node('kindling'), node('empty')],
  PyTorch: [inPython('import torch; (torch.ones(3) + torch.ones(3)).tolist()'), inPython('')],
  'jax-js jit': [node('jax'), node('empty')],
  'TF.js wasm': [node('tfjsWasm'), node('empty')],
  'TF.js cpu': [node('tfjsCpu'), node('empty')],
};

/** Milliseconds from the start of a process to its end beyond those of an empty one. */
export async function coldStart(peers, options, rounds, log) {
  const times = {};
  for (const { name } of peers.filter((peer) => programs[peer.name])) {
    const [full, empty] = programs[name];
    const list = [];
    await runProgram(...full); // files into memory
    for (let round = 0; round < rounds; round++)
      list.push((await runProgram(...full)).wall - (await runProgram(...empty)).wall);
    times[name] = summary(list);
  }
  tell(log, 'cold-start', times);
  return { title: 'cold start: import and first operation, beyond an empty process', times };
}
