import { defaultDevice, init, numpy as np } from '@jax-js/jax';
import { tellUsed } from '../used.mjs';

await init('wasm');
defaultDevice('wasm');
await np.ones([3]).add(1).data();
tellUsed();
