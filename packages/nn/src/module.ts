import {
  assign,
  type Backend,
  guarded,
  KindlingError,
  type Model,
  moveVariables,
  noGrad,
  Parameter,
  sameShape,
  showShape,
  suggestion,
  type Tensor,
  Variable,
} from '@kindling/core';

/** What a module consists of, as JSON: `build` makes the same architecture of it, with new weights. */
export interface Description {
  readonly type: string;
  readonly [option: string]: unknown;
}

export interface LoadOptions {
  /** Whether a missing or an unexpected name is an error. Default true. */
  strict?: boolean | undefined;
}

/**
 * A part of a model: parameters, buffers and further modules in its fields, and what it computes in `forward`.
 *
 * Fields are found by themselves: own enumerable ones that hold a `Parameter`, a `Variable` (a buffer, such as running
 * statistics), a `Module`, or an array of these. `#private` fields cannot be seen, so keep weights in others. A
 * parameter that two fields share is one parameter, under the name of the first.
 */
export abstract class Module implements Model {
  #training = true;

  abstract forward(input: Tensor): Tensor;

  /** Whether `forward` computes for training (dropout drops, norms use the batch). A compiled function notices. */
  get training(): boolean {
    return guarded(() => this.#training);
  }

  /** Sets the mode of this module and all inside; `train(false)` is `eval()`. */
  train(on = true): this {
    this.#training = on;
    for (const [, child] of this.children()) child.train(on);
    return this;
  }
  eval(): this {
    return this.train(false);
  }

  /** Named parts: fields, and elements of arrays as `layers.0`. A container may name its parts otherwise. */
  protected *members(): Iterable<readonly [name: string, part: unknown]> {
    for (const [name, value] of Object.entries(this)) {
      if (Array.isArray(value)) for (let i = 0; i < value.length; i++) yield [`${name}.${i}`, value[i]];
      else yield [name, value];
    }
  }

  /** The modules directly inside. */
  children(): [name: string, module: Module][] {
    const found: [string, Module][] = [];
    for (const [name, part] of this.members()) if (part instanceof Module) found.push([name, part]);
    return found;
  }

  /** All parameters, shared ones once. */
  parameters(): Parameter[] {
    return this.namedParameters().map(([, p]) => p);
  }
  /** All parameters with their names, `backbone.0.weight`; shared ones once. Gives unnamed parameters their name. */
  namedParameters(): [name: string, parameter: Parameter][] {
    const found: [string, Parameter][] = [];
    const seen = new Set<Variable>();
    for (const [name, v] of this.#variables()) {
      if (!(v instanceof Parameter) || seen.has(v)) continue;
      seen.add(v);
      v.name ??= name;
      found.push([name, v]);
    }
    return found;
  }
  /** Values that belong to the model and are not trained, such as running statistics. */
  buffers(): Variable[] {
    return this.namedBuffers().map(([, v]) => v);
  }
  namedBuffers(): [name: string, buffer: Variable][] {
    const found: [string, Variable][] = [];
    const seen = new Set<Variable>();
    for (const [name, v] of this.#variables()) {
      if (v instanceof Parameter || seen.has(v)) continue;
      seen.add(v);
      v.name ??= name;
      found.push([name, v]);
    }
    return found;
  }

  /** Parameters and buffers by name: the live ones, not copies. Shared parameters stand once, under their first name. */
  stateDict(): Record<string, Tensor> {
    const out: Record<string, Tensor> = {};
    const seen = new Set<Variable>();
    for (const [name, v] of this.#variables()) {
      if (seen.has(v)) continue;
      seen.add(v);
      out[name] = v;
    }
    return out;
  }

  /**
   * Takes the values of `state` over. Nothing changes if anything is wrong: a shape that differs is an error that
   * names the entry; a missing or unexpected name is one unless `strict` is false. A shared parameter may come under
   * any of its names.
   */
  loadStateDict(
    state: Readonly<Record<string, Tensor>>,
    options: LoadOptions = {},
  ): { missing: string[]; unexpected: string[] } {
    const names = new Map<Variable, string[]>();
    for (const [name, v] of this.#variables()) names.set(v, [...(names.get(v) ?? []), name]);
    const known = new Set([...names.values()].flat());
    const unexpected = Object.keys(state).filter((name) => !known.has(name));
    const missing: string[] = [];
    const changes: [Variable, Tensor][] = [];
    for (const [v, aliases] of names) {
      const name = aliases.find((alias) => Object.hasOwn(state, alias));
      if (name === undefined) {
        missing.push(aliases[0]);
        continue;
      }
      const value = state[name];
      if (!sameShape(value.shape, v.shape))
        throw new KindlingError(
          `loadStateDict: '${name}' has shape ${showShape(value.shape)} in the state and ${showShape(v.shape)} in the ` +
            `model; they must be equal. Build the model with the sizes it was saved with, or leave the entry out and ` +
            `load with { strict: false }`,
        );
      changes.push([v, value.dtype === v.dtype ? value : value.to(v.dtype)]);
    }
    if (options.strict !== false && missing.length + unexpected.length > 0)
      throw new KindlingError(
        `loadStateDict: the state does not fit the model` +
          (missing.length > 0 ? `; missing: ${list(missing)}` : '') +
          (unexpected.length > 0
            ? `; unexpected: ${list(unexpected)}${suggestion(unexpected[0], missing.length > 0 ? missing : known)}`
            : '') +
          `. Load with { strict: false } to take over what fits`,
      );
    noGrad(() => {
      for (const [v, value] of changes) if (v !== value) assign(v, value);
    });
    return { missing, unexpected };
  }

  /** Moves parameters, their gradients and buffers to a backend. Await it before going on. */
  async to(backend: Backend): Promise<this> {
    await moveVariables(
      [...this.#variables()].map(([, v]) => v),
      backend,
    );
    return this;
  }

  /** Freezes all parameters (false) or lets them be trained (true). */
  requiresGrad(on: boolean): this {
    for (const p of this.parameters()) p.requiresGrad = on;
    return this;
  }

  /** What `build` needs to make this module again; undefined where files have no name for it, as for your own classes. */
  describe(): Description | undefined {
    return undefined;
  }

  *#variables(prefix = '', seen = new Set<Module>()): Iterable<[string, Variable]> {
    if (seen.has(this)) return;
    seen.add(this);
    // own variables come before those of children, whatever the order of the fields
    const members = [...this.members()];
    for (const [name, part] of members) if (part instanceof Variable) yield [prefix + name, part];
    for (const [name, part] of members)
      if (part instanceof Module) yield* part.#variables(`${prefix}${name}.`, new Set(seen));
  }
}

function list(names: readonly string[]): string {
  return names.slice(0, 5).join(', ') + (names.length > 5 ? `, … (${names.length} in all)` : '');
}
