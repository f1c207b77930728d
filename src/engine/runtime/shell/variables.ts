
/** One shell variable. Values are replaced, never changed in place, so that a subshell shares them until one side assigns. */
export interface Variable {
  /** The scalar value; of an array, element 0. */
  readonly value: string | undefined;
  readonly array?: ReadonlyMap<number, string>;
  readonly assoc?: ReadonlyMap<string, string>;
  readonly exported: boolean;
  readonly readOnly: boolean;
  readonly integer: boolean;
}

const PLAIN: Variable = { value: undefined, exported: false, readOnly: false, integer: false };

export const isName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]*$/.test(text);

/** A shell's variables, with the scopes of the functions that are running. */
export class Variables {
  private readonly all: Map<string, Variable>;
  private environment: ReadonlyMap<string, string> | undefined;
  /** Per running function: what `local` hid. */
  private readonly scopes: Map<string, Variable | undefined>[];
  /** Set by `set -a`. */
  exportAll = false;

  constructor(all = new Map<string, Variable>(), scopes: Map<string, Variable | undefined>[] = []) {
    this.all = all;
    this.scopes = scopes;
  }

  static fromEnvironment(env: ReadonlyMap<string, string>): Variables {
    const all = new Map<string, Variable>();
    for (const [name, value] of env) if (isName(name)) all.set(name, { ...PLAIN, value, exported: true });
    const variables = new Variables(all);
    variables.environment = env;
    return variables;
  }

  clone(): Variables {
    const copy = new Variables(new Map(this.all), this.scopes.map((scope) => new Map(scope)));
    copy.environment = this.environment;
    copy.exportAll = this.exportAll;
    return copy;
  }

  get(name: string): Variable | undefined {
    return this.all.get(name);
  }

  names(): readonly string[] {
    return [...this.all.keys()].sort();
  }

  isReadOnly(name: string): boolean {
    return this.all.get(name)?.readOnly === true;
  }

  /** Sets the scalar value (element 0 of an array). */
  set(name: string, value: string): void {
    const old = this.all.get(name) ?? PLAIN;
    if (old.array !== undefined) this.setElement(name, 0, value);
    else this.put(name, { ...old, value });
  }

  setArray(name: string, array: ReadonlyMap<number, string>): void {
    this.put(name, { ...(this.all.get(name) ?? PLAIN), value: array.get(0), array });
  }

  setAssoc(name: string, assoc: ReadonlyMap<string, string>): void {
    this.put(name, { ...(this.all.get(name) ?? PLAIN), value: assoc.get("0"), assoc });
  }

  setElement(name: string, index: number | string, value: string): void {
    const old = this.all.get(name) ?? PLAIN;
    if (typeof index === "string") {
      this.setAssoc(name, new Map(old.assoc ?? []).set(index, value));
      return;
    }
    const array = new Map(old.array ?? (old.value === undefined ? [] : [[0, old.value] as const]));
    array.set(index, value);
    this.setArray(name, new Map([...array].sort(([a], [b]) => a - b)));
  }

  unset(name: string): void {
    this.all.delete(name);
    this.environment = undefined;
  }

  unsetElement(name: string, index: number | string): void {
    const old = this.all.get(name);
    if (typeof index === "string" && old?.assoc !== undefined) {
      const assoc = new Map(old.assoc);
      assoc.delete(index);
      this.setAssoc(name, assoc);
    } else if (typeof index === "number" && old?.array !== undefined) {
      const array = new Map(old.array);
      array.delete(index);
      this.setArray(name, array);
    }
  }

  mark(name: string, marks: Partial<Pick<Variable, "exported" | "readOnly" | "integer">>): void {
    this.put(name, { ...(this.all.get(name) ?? PLAIN), ...marks });
  }

  enterFunction(): void {
    this.scopes.push(new Map());
  }

  leaveFunction(): void {
    for (const [name, before] of this.scopes.pop() ?? []) {
      if (before === undefined) this.unset(name);
      else this.put(name, before);
    }
  }

  /** `local name`: false outside of a function. */
  makeLocal(name: string, keepValue: boolean): boolean {
    const scope = this.scopes.at(-1);
    if (scope === undefined) return false;
    const before = this.all.get(name);
    if (!scope.has(name)) scope.set(name, before);
    this.put(name, { ...PLAIN, value: keepValue ? before?.value : undefined, exported: before?.exported ?? false });
    return true;
  }

  /** What a program that is started gets. */
  exported(): ReadonlyMap<string, string> {
    if (this.environment !== undefined) return this.environment;
    const env = new Map<string, string>();
    for (const [name, { value, exported }] of this.all) if (exported && value !== undefined) env.set(name, value);
    this.environment = env;
    return env;
  }

  private put(name: string, variable: Variable): void {
    const old = this.all.get(name);
    const next = this.exportAll && !variable.exported ? { ...variable, exported: true } : variable;
    this.all.set(name, next);
    if (next.exported || old?.exported === true) this.environment = undefined;
  }
}

/** Elements of a variable in order: of an array, or the value alone. */
export function elements(variable: Variable | undefined): readonly string[] {
  if (variable === undefined) return [];
  if (variable.array !== undefined) return [...variable.array.values()];
  if (variable.assoc !== undefined) return [...variable.assoc.values()];
  return variable.value === undefined ? [] : [variable.value];
}

