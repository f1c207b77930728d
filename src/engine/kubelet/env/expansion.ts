/** What a name stands for; undefined when nothing is known of it. */
export type VariableLookup = (name: string) => string | undefined;

/**
 * Replaces `$(NAME)`; `$$` is a plain dollar, and a name that nobody knows stays as it is written.
 * Source: third_party/forked/golang/expansion/expand.go, Expand and MappingFuncFor.
 */
export function expand(text: string, lookup: VariableLookup): string {
  if (!text.includes("$")) return text;
  let result = "";
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== "$" || i + 1 >= text.length) continue;
    result += text.slice(from, i);
    const next = text[i + 1] ?? "";
    const close = next === "(" ? text.indexOf(")", i + 2) : -1;
    if (close !== -1) {
      const name = text.slice(i + 2, close);
      result += lookup(name) ?? `$(${name})`;
      i = close;
    } else {
      result += next === "$" ? "$" : `$${next}`;
      i += 1;
    }
    from = i + 1;
  }
  return result + text.slice(from);
}

export const lookupIn = (...maps: readonly ReadonlyMap<string, string>[]): VariableLookup => (name) => {
  for (const map of maps) {
    const value = map.get(name);
    if (value !== undefined) return value;
  }
  return undefined;
};
