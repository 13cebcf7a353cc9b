import { ones } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { tellUsed } from '../used.mjs';

const backend = await cpu();
await ones([3]).to(backend).add(1).data();
tellUsed();
