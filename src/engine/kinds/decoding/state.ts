/** What a walk through a document keeps: where it is and what it found wrong. */
export interface DecodeState {
  /** Names of the struct fields on the way, without list indexes and map keys: how Go names a field in a type error. */
  readonly fields: string[];
  /** The same with indexes and keys: how strict errors name a field. */
  readonly path: (string | number)[];
  /** Go's innermost struct. */
  struct: string;
  /** The first wrong type; decoding goes on behind it. */
  saved: string | undefined;
  /** An error of a type that reads itself (quantity, time, int-or-string): decoding stops there and it wins. */
  fatal: string | undefined;
  readonly strict: string[];
  readonly seen: Set<string>;
}

/** Source: sigs.k8s.io/json, internal/golang/encoding/json/kubernetes_patch.go, saveStrictError. */
const MAX_STRICT_ERRORS = 100;

export const newDecodeState = (): DecodeState => ({ fields: [], path: [], struct: "", saved: undefined, fatal: undefined, strict: [], seen: new Set() });

/** Source: Go's encoding/json, UnmarshalTypeError.Error. */
export function typeErrorText(state: DecodeState, got: string, goType: string): string {
  return `json: cannot unmarshal ${got} into Go struct field ${state.struct}.${state.fields.join(".")} of type ${goType}`;
}

export function saveTypeError(state: DecodeState, got: string, goType: string): void {
  state.saved ??= typeErrorText(state, got, goType);
}

export function strictError(state: DecodeState, key: string): void {
  if (state.strict.length >= MAX_STRICT_ERRORS) return;
  let path = "";
  for (const step of [...state.path, key]) path += typeof step === "number" ? `[${step}]` : path === "" ? step : `.${step}`;
  const text = `unknown field ${JSON.stringify(path)}`;
  if (state.seen.has(text)) return;
  state.seen.add(text);
  state.strict.push(text);
}
