export type Expression =
  | { readonly type: "number"; readonly value: number }
  | { readonly type: "string"; readonly value: string }
  | { readonly type: "regex"; readonly source: string }
  | { readonly type: "variable"; readonly name: string }
  | { readonly type: "element"; readonly name: string; readonly index: readonly Expression[] }
  | { readonly type: "field"; readonly index: Expression }
  | { readonly type: "unary"; readonly operator: string; readonly operand: Expression }
  | { readonly type: "binary"; readonly operator: string; readonly left: Expression; readonly right: Expression }
  | { readonly type: "match"; readonly negated: boolean; readonly left: Expression; readonly right: Expression }
  | { readonly type: "in"; readonly index: readonly Expression[]; readonly name: string }
  | { readonly type: "ternary"; readonly test: Expression; readonly yes: Expression; readonly no: Expression }
  | { readonly type: "assign"; readonly operator: string; readonly target: Expression; readonly value: Expression }
  | { readonly type: "step"; readonly operator: "++" | "--"; readonly prefix: boolean; readonly target: Expression }
  | { readonly type: "call"; readonly name: string; readonly args: readonly Expression[] }
  | { readonly type: "getline"; readonly target: Expression | undefined; readonly file: Expression | undefined; readonly command: Expression | undefined }
  | { readonly type: "group"; readonly items: readonly Expression[] };

export type Statement =
  | { readonly type: "block"; readonly body: readonly Statement[] }
  | { readonly type: "expression"; readonly value: Expression }
  | { readonly type: "print"; readonly formatted: boolean; readonly args: readonly Expression[]; readonly mode: ">" | ">>" | "|" | undefined; readonly target: Expression | undefined }
  | { readonly type: "if"; readonly test: Expression; readonly yes: Statement; readonly no: Statement | undefined }
  | { readonly type: "while"; readonly test: Expression; readonly body: Statement; readonly first: boolean }
  | { readonly type: "for"; readonly start: Statement | undefined; readonly test: Expression | undefined; readonly step: Statement | undefined; readonly body: Statement }
  | { readonly type: "forin"; readonly variable: string; readonly array: string; readonly body: Statement }
  | { readonly type: "delete"; readonly name: string; readonly index: readonly Expression[] | undefined }
  | { readonly type: "jump"; readonly kind: "break" | "continue" | "next" }
  | { readonly type: "exit" | "return"; readonly value: Expression | undefined };

export interface Rule {
  readonly kind: "BEGIN" | "END" | "main";
  readonly from: Expression | undefined;
  readonly to: Expression | undefined;
  /** Undefined: print the line. */
  readonly body: Statement | undefined;
}

export interface AwkProgram {
  readonly rules: readonly Rule[];
  readonly functions: ReadonlyMap<string, { readonly parameters: readonly string[]; readonly body: Statement }>;
}
