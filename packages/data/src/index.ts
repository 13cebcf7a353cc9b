export { MISSING } from './cell.js';
export type { CategoricalColumn, Column, ColumnKind, NumericColumn } from './column.js';
export { parseCsv, type CsvOptions } from './csv.js';
export {
  balancedClassWeights,
  fromArrays,
  type Batch,
  type BatchOptions,
  type Dataset,
  type TargetForm,
} from './dataset.js';
export type { Delimiter } from './delimiter.js';
export type { CategoricalFeature, Feature, NumericFeature } from './feature.js';
export { parseIdx, type IdxArray } from './idx.js';
export { preprocessingFromJSON } from './preprocessingFromJSON.js';
export type {
  FeatureSpan,
  Preprocessing,
  PreprocessingJSON,
  Row,
  TargetEncoding,
  TargetScale,
} from './preprocessing.js';
export { parseRows, type ReadOptions, type RowTable } from './rows.js';
export type { Source } from './source.js';
export type { Fold, FoldOptions, RowSets, SplitOptions } from './split.js';
export { tableFromRows, type ColumnSummary, type Split, type Table, type TableOptions } from './table.js';
export { inferTask, type DataTask, type Target } from './task.js';
