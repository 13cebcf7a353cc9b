import type { Fields, OptionsSchema, Registered } from '@kindling/core';
import { optionForm } from './optionForm.js';
import type { Picked } from './protocol.js';

/**
 * The select `#<id>` for plugins of one kind, and in `#<id>-options` a form for the options of the one that is picked.
 * `none` is the text of the choice of none.
 */
export class Picker {
  readonly #select: HTMLSelectElement;
  readonly #place: HTMLElement;
  readonly #none: string | undefined;
  #offered: readonly Registered[] = [];
  #options: () => Record<string, unknown> = () => ({});

  constructor(id: string, none?: string) {
    this.#select = document.getElementById(id) as HTMLSelectElement;
    this.#place = document.getElementById(`${id}-options`)!;
    this.#none = none;
    this.#select.addEventListener('change', () => {
      this.#show();
    });
  }

  /** Offers these. What was picked before stays if it is among them; else it is `usual`, or the first. */
  offer(plugins: readonly Registered[], usual?: string): void {
    const before = this.#select.value;
    const none = this.#none === undefined ? [] : [new Option(this.#none, '')];
    this.#offered = plugins;
    this.#select.replaceChildren(...none, ...plugins.map(({ name }) => new Option(name)));
    const wanted = [before, usual].find((name) => plugins.some((p) => p.name === name));
    if (wanted !== undefined) this.#select.value = wanted;
    if (wanted === undefined || wanted !== before) this.#show();
  }

  /** What is picked, with the options that are not their defaults. */
  get picked(): Picked | undefined {
    return this.#select.value === '' ? undefined : { name: this.#select.value, options: this.#options() };
  }

  #show(): void {
    const plugin = this.#offered.find(({ name }) => name === this.#select.value);
    this.#place.replaceChildren();
    this.#options =
      plugin === undefined ? () => ({}) : optionForm(this.#place, plugin.provision.schema as OptionsSchema<Fields>);
  }
}
