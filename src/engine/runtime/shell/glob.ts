import { compilePattern, hasPattern, matchesPattern, unescapePattern } from "./pattern.ts";
import type { Shell } from "./shell.ts";

const MAX_MATCHES = 20_000;

/** File names that a pattern stands for, sorted; none when nothing matches. */
export function expandGlob(shell: Shell, pattern: string): readonly string[] {
  const { fs } = shell.process.world;
  const who = shell.process.credentials;
  const parts = pattern.split("/");
  let found = pattern.startsWith("/") ? ["/"] : [""];
  const first = pattern.startsWith("/") ? 1 : 0;
  for (let i = first; i < parts.length; i++) {
    const part = parts[i] ?? "";
    const last = i === parts.length - 1;
    if (part === "") {
      if (last) found = found.filter((path) => fs.stat(shell.path(path), who).ok).map((path) => (path.endsWith("/") ? path : `${path}/`));
      continue;
    }
    const next: string[] = [];
    const tokens = hasPattern(part) ? compilePattern(part) : undefined;
    for (const base of found) {
      const prefix = base === "" || base.endsWith("/") ? base : `${base}/`;
      if (tokens === undefined) {
        const path = prefix + unescapePattern(part);
        if (fs.stat(shell.path(path), who, false).ok) next.push(path);
        continue;
      }
      const names = fs.list(shell.path(base === "" ? "." : base), who);
      if (!names.ok) continue;
      const hidden = part.startsWith(".");
      for (const name of names.value) {
        if (!hidden && name.startsWith(".")) continue;
        if (matchesPattern(tokens, name)) next.push(prefix + name);
      }
    }
    found = next.slice(0, MAX_MATCHES);
  }
  return found.sort();
}
