import { ones, setDefaultBackend } from '@kindling/core';
import { cpu } from '@kindling/cpu-backend';
import { tellUsed } from '../used.mjs';

setDefaultBackend(await cpu());
await ones([3]).add(1).data();
tellUsed();
