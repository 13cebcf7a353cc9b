import type { Fields, OptionsSchema } from '@kindling/core';

/** Inputs for the options of a plugin, made from its schema; returns what is set to something but the default. */
export function optionForm(place: HTMLElement, schema: OptionsSchema<Fields>): () => Record<string, unknown> {
  const readers: ((into: Record<string, unknown>) => void)[] = [];
  place.replaceChildren();
  for (const [name, field] of Object.entries(schema.fields)) {
    if (name === 'reduction' || field.json === undefined || field.kind === 'tensor') continue;
    const label = document.createElement('label');
    label.title = field.description ?? '';
    label.append(name);
    if (field.kind === 'choice') {
      const select = document.createElement('select');
      for (const value of field.json['enum'] as string[]) select.add(new Option(value));
      select.value = String(field.default);
      readers.push((into) => {
        if (select.value !== field.default) into[name] = select.value;
      });
      label.append(select);
    } else {
      const input = document.createElement('input');
      input.name = name;
      if (field.kind === 'boolean') {
        input.type = 'checkbox';
        input.checked = field.default === true;
        readers.push((into) => {
          if (input.checked !== field.default) into[name] = input.checked;
        });
      } else {
        const shown = Array.isArray(field.default)
          ? field.default.join(', ')
          : String((field.default as number | undefined) ?? '');
        input.value = shown;
        readers.push((into) => {
          if (input.value.trim() === shown) return;
          into[name] = field.kind === 'tuple' ? input.value.split(',').map(Number) : Number(input.value);
        });
      }
      label.append(input);
    }
    place.append(label);
  }
  return () => {
    const options: Record<string, unknown> = {};
    for (const read of readers) read(options);
    return options;
  };
}
