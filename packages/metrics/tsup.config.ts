import { library } from '../../tsup.preset.js';

// one subpath a metric; the others are helpers
export default library(['src/*.ts', '!src/{decide,errors,macro,metric}.ts']);
