import { tellUsed } from '../used.mjs';

tellUsed();
