import type { Fields, OptionsSchema } from '@kindling/core';

/** The JSON Schema of an option, as far as a form needs it. */
interface OptionJson {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly items?: OptionJson;
}
type Read = (into: Record<string, unknown>) => void;

/** What training decides: how losses are reduced, and what metrics take. */
const decided = ['reduction', 'from', 'multilabel'];
/** Tensors and plugins within plugins have no form. */
const withoutForm = ['tensor', 'schedules'];

function describe(schema: OptionsSchema<Fields>): {
  properties: Record<string, OptionJson>;
  required: readonly string[];
} {
  const { properties, required = [] } = schema['~standard'].jsonSchema.input({ target: 'draft-2020-12' });
  return { properties: properties as Record<string, OptionJson>, required: required as readonly string[] };
}

/** Whether a form can ask for all that a plugin must be given. */
export function canAsk(schema: OptionsSchema<Fields>): boolean {
  const { properties, required } = describe(schema);
  return required.every((name) => name in properties && !withoutForm.includes(schema.fields[name].kind));
}

/** Inputs for the options of a plugin, made from its schema; returns what is set to something but the default. */
export function optionForm(place: HTMLElement, schema: OptionsSchema<Fields>): () => Record<string, unknown> {
  const { properties, required } = describe(schema);
  const readers: Read[] = [];
  place.replaceChildren();
  for (const [name, option] of Object.entries(properties)) {
    if (decided.includes(name) || withoutForm.includes(schema.fields[name].kind)) continue;
    const label = document.createElement('label');
    label.title = option.description ?? '';
    label.append(name);
    const [control, read] = option.enum !== undefined ? choice(name, option) : entry(name, option);
    control.required = required.includes(name);
    readers.push(read);
    label.append(control);
    place.append(label);
  }
  return () => {
    const options: Record<string, unknown> = {};
    for (const read of readers) read(options);
    return options;
  };
}

function choice(name: string, { enum: values = [], default: usual }: OptionJson): [HTMLSelectElement, Read] {
  const select = document.createElement('select');
  select.name = name;
  for (const value of values) select.add(new Option(value));
  select.value = String(usual);
  return [select, (into) => void (select.value !== usual && (into[name] = select.value))];
}

function entry(name: string, { type, default: usual, items }: OptionJson): [HTMLInputElement, Read] {
  const input = document.createElement('input');
  input.name = name;
  if (type === 'boolean') {
    input.type = 'checkbox';
    input.checked = usual === true;
    return [input, (into) => void (input.checked !== usual && (into[name] = input.checked))];
  }
  const shown = Array.isArray(usual) ? usual.join(', ') : String((usual as number | undefined) ?? '');
  input.value = shown;
  return [
    input,
    (into) => {
      const text = input.value.trim();
      if (text === shown || text === '') return;
      // a list, or a number where there may be either
      into[name] = items !== undefined || text.includes(',') ? text.split(',').map(Number) : Number(text);
    },
  ];
}
