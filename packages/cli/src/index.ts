export type { OutputStream } from './console/terminal.js';
export type { Interrupts, RegistryAnswer, RegistryRequest } from './context.js';
export { exitCode } from './exit.js';
export { main, type MainOptions } from './main.js';
export { type ComparisonPage, comparisonsPage } from './report/compareReport.js';
export { type LoadedPlugins, loadPlugins, type LoadPluginsOptions, pluginKeyword } from './plugins/loadPlugins.js';
