/** Newest patch by minor: `{ "1.27": 5 }`; by major where there is no minor: `{ "15": 14 }`. */
export type Patches = Readonly<Record<string, number>>;

/**
 * The version that a tag's head means: "1.27" → "1.27.5", "1" and "latest" → the newest. Undefined: there is no such version.
 * `branches` name moving tags: { stable: "1.28" }.
 */
export function versionOf(tag: string, patches: Patches, branches: Readonly<Record<string, string>>): string | undefined {
  const head = branches[tag] ?? tag;
  const parts = head.split(".");
  if (!parts.every((part) => /^\d+$/.test(part)) || parts.length > 3) return undefined;
  const minors = Object.keys(patches);
  const [major = "", minor, patch] = parts;
  const single = patches[major];
  if (single !== undefined) {
    // Numbered like PostgreSQL: major and patch only.
    if (minor === undefined) return `${major}.${single}`;
    return patch === undefined && Number(minor) <= single ? head : undefined;
  }
  if (minor === undefined) {
    const newest = minors.filter((name) => name === major || name.startsWith(`${major}.`)).at(-1);
    return newest === undefined ? undefined : `${newest}.${patches[newest] ?? 0}`;
  }
  const newest = patches[`${major}.${minor}`];
  if (newest === undefined) return undefined;
  if (patch === undefined) return `${major}.${minor}.${newest}`;
  return Number(patch) <= newest ? head : undefined;
}

/** "1.27-alpine3.20" → ["1.27", "alpine3.20"]. */
export function splitTag(tag: string): readonly [string, string] {
  const dash = tag.indexOf("-");
  return dash < 0 ? [tag, ""] : [tag.slice(0, dash), tag.slice(dash + 1)];
}
