/**
 * Flags as kubectl takes them. Source: github.com/spf13/pflag flag.go, parseLongArg and parseShortArg; the words of its errors.
 */
export interface FlagSpec {
  readonly name: string;
  readonly short?: string;
  /** "bool" may stand alone; "optional" takes a value only with "="; "list" may be given several times. */
  readonly type: "bool" | "string" | "int" | "list" | "optional";
  /** Value when given without one ("optional"). */
  readonly bare?: string;
}

export interface ParsedFlags {
  /** Arguments that are no flags, in order. */
  readonly args: readonly string[];
  /** Everything after "--". */
  readonly rest: readonly string[] | undefined;
  bool(name: string): boolean;
  has(name: string): boolean;
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  int(name: string): number | undefined;
}

export class FlagError extends Error {}

export const COMMON_FLAGS: readonly FlagSpec[] = [
  { name: "namespace", short: "n", type: "string" },
  { name: "context", type: "string" },
  { name: "kubeconfig", type: "string" },
  { name: "help", short: "h", type: "bool" },
  { name: "v", short: "v", type: "int" },
  { name: "as", type: "string" },
  { name: "as-group", type: "list" },
  { name: "request-timeout", type: "string" },
];

const BOOL_VALUES: Readonly<Record<string, boolean>> = { true: true, t: true, "1": true, TRUE: true, True: true, T: true, false: false, f: false, "0": false, FALSE: false, False: false, F: false };

export function parseFlags(argv: readonly string[], specs: readonly FlagSpec[]): ParsedFlags {
  const byName = new Map([...COMMON_FLAGS, ...specs].map((spec) => [spec.name, spec]));
  const byShort = new Map([...byName.values()].flatMap((spec) => (spec.short === undefined ? [] : [[spec.short, spec] as const])));
  const values = new Map<string, string[]>();
  const args: string[] = [];
  let rest: string[] | undefined;

  const set = (spec: FlagSpec, value: string, shown: string): void => {
    if (spec.type === "bool" && BOOL_VALUES[value] === undefined) throw new FlagError(`invalid argument ${JSON.stringify(value)} for ${JSON.stringify(shown)} flag: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`);
    if (spec.type === "int" && !/^[-+]?\d+$/.test(value)) throw new FlagError(`invalid argument ${JSON.stringify(value)} for ${JSON.stringify(shown)} flag: strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
    values.set(spec.name, spec.type === "list" ? [...(values.get(spec.name) ?? []), value] : [value]);
  };
  const shownName = (spec: FlagSpec): string => (spec.short === undefined ? `--${spec.name}` : `-${spec.short}, --${spec.name}`);

  const queue = [...argv];
  for (let arg = queue.shift(); arg !== undefined; arg = queue.shift()) {
    if (arg === "--") {
      rest = queue.splice(0);
    } else if (arg.startsWith("--")) {
      const [name = "", inline] = splitOnce(arg.slice(2), "=");
      const spec = byName.get(name);
      if (spec === undefined) throw new FlagError(`unknown flag: --${name}`);
      set(spec, inline ?? bareValue(spec) ?? takeValue(queue, `flag needs an argument: --${name}`), shownName(spec));
    } else if (arg.startsWith("-") && arg !== "-") {
      parseShort(arg, byShort, queue, (spec, value) => set(spec, value, shownName(spec)));
    } else args.push(arg);
  }
  return {
    args,
    rest,
    has: (name) => values.has(name),
    bool: (name) => BOOL_VALUES[values.get(name)?.[0] ?? "false"] ?? false,
    text: (name) => values.get(name)?.[0],
    list: (name) => values.get(name) ?? [],
    int: (name) => (values.has(name) ? Number(values.get(name)?.[0]) : undefined),
  };
}

function parseShort(arg: string, byShort: ReadonlyMap<string, FlagSpec>, queue: string[], set: (spec: FlagSpec, value: string) => void): void {
  for (let letters = arg.slice(1); letters !== ""; ) {
    const letter = letters[0] ?? "";
    const spec = byShort.get(letter);
    if (spec === undefined) throw new FlagError(`unknown shorthand flag: '${letter}' in ${arg}`);
    letters = letters.slice(1);
    const bare = bareValue(spec);
    if (letters.startsWith("=")) return set(spec, letters.slice(1));
    if (bare !== undefined) {
      set(spec, bare);
      continue;
    }
    return set(spec, letters !== "" ? letters : takeValue(queue, `flag needs an argument: '${letter}' in ${arg}`));
  }
}

const bareValue = (spec: FlagSpec): string | undefined => (spec.type === "bool" ? "true" : spec.type === "optional" ? (spec.bare ?? "true") : undefined);

function takeValue(queue: string[], problem: string): string {
  const value = queue.shift();
  if (value === undefined) throw new FlagError(problem);
  return value;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
