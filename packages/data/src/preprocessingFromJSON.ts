import { KindlingError } from '@kindling/core';
import type { Feature } from './feature.js';
import { Preprocessing, type PreprocessingJSON } from './preprocessing.js';
import type { DataTask } from './task.js';

const TASKS: readonly DataTask[] = ['classification', 'binary', 'regression'];

/**
 * A preprocessing from what its `toJSON` gave, after any travel. Everything is checked, so that a damaged or hostile
 * file is an error that names the place, never a wrong prediction.
 */
export function preprocessingFromJSON(json: unknown): Preprocessing {
  const root = object(json, 'preprocessing');
  if (root.version !== 1)
    throw fault('preprocessing.version', `must be 1, the format that this release reads, got ${show(root.version)}`);
  if (!TASKS.includes(root.task as DataTask))
    throw fault('preprocessing.task', `must be one of ${TASKS.join(', ')}, got ${show(root.task)}`);
  const task = root.task as DataTask;
  const target = object(root.target, 'preprocessing.target');
  const classes = words(target.classes, 'preprocessing.target.classes');
  const fitting =
    task === 'regression' ? classes.length === 0 : task === 'binary' ? classes.length === 2 : classes.length >= 2;
  if (!fitting)
    throw fault('preprocessing.target.classes', `has ${classes.length} classes, which does not fit task '${task}'`);
  const mean = finite(target.mean, 'preprocessing.target.mean');
  const std = finite(target.std, 'preprocessing.target.std');
  if (!(std > 0)) throw fault('preprocessing.target.std', `must be above 0, got ${std}`);
  const features = array(root.features, 'preprocessing.features').map((value, i) =>
    feature(value, `preprocessing.features[${i}]`),
  );
  const result: PreprocessingJSON = {
    version: 1,
    task,
    target: { name: word(target.name, 'preprocessing.target.name'), classes, mean, std },
    features,
    ignored: words(root.ignored ?? [], 'preprocessing.ignored'),
  };
  const names = new Set<string>([result.target.name]);
  features.forEach(({ name }, i) => {
    if (names.has(name)) throw fault(`preprocessing.features[${i}].name`, `repeats the column '${name}'`);
    names.add(name);
  });
  return new Preprocessing(result);
}

function feature(value: unknown, place: string): Feature {
  const given = object(value, place);
  const name = word(given.name, `${place}.name`);
  if (typeof given.missing !== 'boolean')
    throw fault(`${place}.missing`, `must be true or false, got ${show(given.missing)}`);
  const { missing } = given;
  if (given.kind === 'categorical')
    return { kind: 'categorical', name, categories: words(given.categories, `${place}.categories`), missing };
  if (given.kind !== 'numeric')
    throw fault(`${place}.kind`, `must be 'numeric' or 'categorical', got ${show(given.kind)}`);
  const std = finite(given.std, `${place}.std`);
  if (std < 0) throw fault(`${place}.std`, `must not be negative, got ${std}`);
  return {
    kind: 'numeric',
    name,
    mean: finite(given.mean, `${place}.mean`),
    std,
    fill: finite(given.fill, `${place}.fill`),
    missing,
  };
}

function object(value: unknown, place: string): Record<string, unknown> {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw fault(place, `must be an object, got ${show(value)}`);
  return value as Record<string, unknown>;
}

function array(value: unknown, place: string): unknown[] {
  if (!Array.isArray(value)) throw fault(place, `must be an array, got ${show(value)}`);
  return value;
}

function word(value: unknown, place: string): string {
  if (typeof value !== 'string') throw fault(place, `must be a string, got ${show(value)}`);
  return value;
}

function words(value: unknown, place: string): string[] {
  const all = array(value, place).map((item, i) => word(item, `${place}[${i}]`));
  if (new Set(all).size !== all.length) throw fault(place, 'holds the same string twice');
  return all;
}

function finite(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value))
    throw fault(place, `must be a finite number, got ${show(value)}`);
  return value;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function fault(place: string, problem: string): KindlingError {
  return new KindlingError(`The model file is damaged: ${place} ${problem}.`);
}
