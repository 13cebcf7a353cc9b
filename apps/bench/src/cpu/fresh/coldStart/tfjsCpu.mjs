import { createRequire } from 'node:module';
import { quietly } from '../../../peers/tfjs/quietly.mjs';
import { tellUsed } from '../used.mjs';

await quietly(async () => {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs');
  await tf.setBackend('cpu');
  await tf.ones([3]).add(1).data();
});
tellUsed();
