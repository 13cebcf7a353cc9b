import { library } from '../../tsup.preset.js';

export default library(['src/*.ts']);
