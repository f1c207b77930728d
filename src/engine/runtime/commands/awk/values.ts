/** A value: a number, a text, or input that looks like both ("strnum"). */
export type Value = number | string | { readonly text: string };

export type AwkArray = Map<string, Value>;

/** How a statement leaves its block. */
export class Jump {
  readonly kind: "break" | "continue" | "next" | "exit" | "return";
  readonly value: Value;
  constructor(kind: Jump["kind"], value: Value = "") {
    this.kind = kind;
    this.value = value;
  }
}
