/** A file of the project: path from its root, and its text. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

const MAX_LINES = 500;
const IS_TABLE = /\/generated\/|\/testdata\/|\/testing\/|\.test\.tsx?$|scripts\/data\//;

/** Files that restate upstream facts and so have to say where from. */
const NEEDS_SOURCE = [
  /^src\/engine\/kinds\/[a-z-]+\.ts$/,
  /^src\/engine\/controllers\/[a-z-]+\/(reconcile|controller)\.ts$/,
  /^src\/engine\/scheduler\/plugins\/[a-z-]+\.ts$/,
  /^src\/engine\/apiserver\/admission\/[a-z-]+\.ts$/,
];
const NO_SOURCE_NEEDED = /\/(registry|kind-definition|schema|json-schema|contracts)\.ts$/;

/** Registries: everything that the folder pattern matches must be imported by its registry. */
const REGISTRIES = [
  { registry: "src/engine/kinds/registry.ts", member: /^src\/engine\/kinds\/([a-z-]+)\.ts$/, when: /\bdefineKind\b.*\(\{/ },
  { registry: "src/engine/controllers/registry.ts", member: /^src\/engine\/controllers\/([a-z-]+)\/controller\.ts$/, when: /./ },
  { registry: "src/engine/scheduler/plugins/registry.ts", member: /^src\/engine\/scheduler\/plugins\/([a-z-]+)\.ts$/, when: /Plugin\b/ },
  { registry: "src/engine/runtime/commands/registry.ts", member: /^src\/engine\/runtime\/commands\/([a-z-]+)\.ts$/, when: /\bCommand\b/ },
  { registry: "src/engine/apiserver/admission/registry.ts", member: /^src\/engine\/apiserver\/admission\/([a-z-]+)\.ts$/, when: /AdmissionPlugin\b/ },
];

/** Everything untidy, a sentence each; empty when all is well. */
export function findProblems(files: readonly SourceFile[]): string[] {
  const texts = new Map(files.map((file) => [file.path, file.text]));
  return files.flatMap((file) => [...problemsOf(file), ...unregistered(file, texts)]);
}

function problemsOf({ path, text }: SourceFile): string[] {
  const problems: string[] = [];
  const isCode = /\.(tsx?|mjs)$/.test(path);
  const isRuleText = path.startsWith("scripts/tidy/");
  const lines = text.trimEnd().split("\n").length;
  if (isCode && lines > MAX_LINES && !IS_TABLE.test(path) && !/^\/\/ Table:/m.test(text)) problems.push(`${path}: ${lines} lines; files stop at ${MAX_LINES} (one idea per file; a pure table says "// Table:" in its head)`);
  if (/\.test\.tsx?$/.test(path) || path.startsWith("e2e/")) {
    if (!isRuleText && /\b(it|test|describe)\.(skip|only|todo|fixme|skipIf|runIf)\b/.test(text)) problems.push(`${path}: a skipped or focused test`);
    if (!isRuleText && /expect\(true\)|expect\(1\)\.toBe\(1\)/.test(text)) problems.push(`${path}: a test asserts nothing`);
  }
  if (NEEDS_SOURCE.some((pattern) => pattern.test(path)) && !NO_SOURCE_NEEDED.test(path) && !/Source: \S/.test(text)) problems.push(`${path}: says nowhere where its facts are from (Source: <upstream path>, <function>)`);
  if (isCode && path.startsWith("src/") && /^export \* from/m.test(text)) problems.push(`${path}: export * hides what comes through`);
  return problems;
}

function unregistered({ path, text }: SourceFile, texts: ReadonlyMap<string, string>): string[] {
  return REGISTRIES.flatMap(({ registry, member, when }) => {
    const name = member.exec(path)?.[1];
    if (name === undefined || path === registry || !when.test(text)) return [];
    const folderMember = path.slice(registry.lastIndexOf("/") + 1);
    return (texts.get(registry) ?? "").includes(`"./${folderMember}"`) ? [] : [`${path}: missing from the registry ${registry}`];
  });
}
