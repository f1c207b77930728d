const MAX_ALTERNATIVES = 20_000;

/** bash's {a,b} and {1..5}, on the text of a word. Quoted and $-prefixed braces are left alone. */
export function braceAlternatives(text: string): readonly string[] {
  return expand(text, 0).slice(0, MAX_ALTERNATIVES);
}

function expand(text: string, depth: number): string[] {
  if (depth > 12) return [text];
  for (let open = findOpen(text, 0); open >= 0; open = findOpen(text, open + 1)) {
    const parts = splitBody(text, open);
    if (parts === undefined) continue;
    const before = text.slice(0, open);
    const body = text.slice(open + 1, parts.close);
    const choices = parts.pieces.length > 1 ? parts.pieces.flatMap((piece) => expand(piece, depth + 1)) : range(body);
    if (choices === undefined) continue;
    const rest = expand(text.slice(parts.close + 1), depth + 1);
    const results: string[] = [];
    for (const choice of choices) for (const tail of rest) if (results.length < MAX_ALTERNATIVES) results.push(before + choice + tail);
    return results;
  }
  return [text];
}

function findOpen(text: string, from: number): number {
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== "") { if (char === quote) quote = ""; }
    else if (char === "\\") i += 1;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "{" && i >= from && text.charAt(i - 1) !== "$") return i;
  }
  return -1;
}

function splitBody(text: string, open: number): { pieces: string[]; close: number } | undefined {
  const pieces: string[] = [];
  let depth = 0;
  let start = open + 1;
  let quote = "";
  for (let i = open + 1; i < text.length; i++) {
    const char = text.charAt(i);
    if (quote !== "") { if (char === quote) quote = ""; }
    else if (char === "\\") i += 1;
    else if (char === "'" || char === '"') quote = char;
    else if (char === "{") depth += 1;
    else if (char === "}" && depth > 0) depth -= 1;
    else if (char === "," && depth === 0) {
      pieces.push(text.slice(start, i));
      start = i + 1;
    } else if (char === "}") return { pieces: [...pieces, text.slice(start, i)], close: i };
  }
  return undefined;
}

function range(body: string): string[] | undefined {
  const match = /^(-?\d+|[A-Za-z])\.\.(-?\d+|[A-Za-z])(?:\.\.(-?\d+))?$/.exec(body);
  if (match === null) return undefined;
  const [, from = "", to = "", by] = match;
  const isNumber = /\d$/.test(from);
  if (isNumber !== /\d$/.test(to)) return undefined;
  const a = isNumber ? Number(from) : from.charCodeAt(0);
  const b = isNumber ? Number(to) : to.charCodeAt(0);
  const step = Math.max(1, Math.abs(Number(by ?? 1)));
  const width = isNumber && (/^-?0\d/.test(from) || /^-?0\d/.test(to)) ? Math.max(from.length, to.length) : 0;
  const results: string[] = [];
  for (let n = a; a <= b ? n <= b : n >= b; n += a <= b ? step : -step) {
    if (results.length >= MAX_ALTERNATIVES) break;
    results.push(isNumber ? String(n).padStart(width, "0") : String.fromCharCode(n));
  }
  return results;
}
