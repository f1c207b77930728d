import { create } from "zustand";
import { EXAMPLE_FILES } from "./example-files.ts";

export interface ManifestFile {
  readonly name: string;
  readonly text: string;
}

interface FilesState {
  readonly files: readonly ManifestFile[];
  /** Name of the file that is open. */
  readonly active: string;
  /** What was applied last, so that "changed" can be told. */
  readonly applied: Readonly<Record<string, string>>;
  open(name: string): void;
  write(name: string, text: string): void;
  /** Adds a file and opens it; a taken name gets a number. */
  add(name: string, text?: string): void;
  rename(name: string, to: string): void;
  remove(name: string): void;
  markApplied(name: string): void;
}

const KEY = "kubarium.files";
/** Characters that are kept across reloads; more stays in memory only. */
const STORED_MAX = 2_000_000;

function load(): readonly ManifestFile[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? "null");
    if (!Array.isArray(stored)) return EXAMPLE_FILES;
    const files = stored.filter((f): f is ManifestFile => typeof f === "object" && f !== null && typeof (f as ManifestFile).name === "string" && typeof (f as ManifestFile).text === "string");
    return files.length > 0 ? files : EXAMPLE_FILES;
  } catch {
    return EXAMPLE_FILES;
  }
}

function save(files: readonly ManifestFile[]): void {
  try {
    const text = JSON.stringify(files);
    if (text.length <= STORED_MAX) localStorage.setItem(KEY, text);
  } catch {
    // Storage is off or full: the files live as long as the page.
  }
}

const freeName = (files: readonly ManifestFile[], wanted: string): string => {
  if (files.every((f) => f.name !== wanted)) return wanted;
  const [stem, ending] = [wanted.replace(/\.ya?ml$/, ""), /\.ya?ml$/.exec(wanted)?.[0] ?? ""];
  for (let n = 2; ; n += 1) if (files.every((f) => f.name !== `${stem}-${n}${ending}`)) return `${stem}-${n}${ending}`;
};

/** The manifests in the editor: shared with the terminal, kept across reloads, untouched by a crash of the engine. */
export const useFiles = create<FilesState>()((set, get) => {
  const change = (files: readonly ManifestFile[], more: Partial<FilesState> = {}): void => {
    save(files);
    set({ files, ...more });
  };
  const files = load();
  return {
    files,
    active: files[0]?.name ?? "",
    applied: {},
    open: (name) => set({ active: name }),
    write: (name, text) => {
      const exists = get().files.some((f) => f.name === name);
      change(exists ? get().files.map((f) => (f.name === name ? { name, text } : f)) : [...get().files, { name, text }]);
    },
    add: (name, text = "") => {
      const free = freeName(get().files, name);
      change([...get().files, { name: free, text }], { active: free });
    },
    rename: (name, to) => {
      const free = to === name ? to : freeName(get().files, to);
      change(get().files.map((f) => (f.name === name ? { name: free, text: f.text } : f)), { active: get().active === name ? free : get().active });
    },
    remove: (name) => {
      const left = get().files.filter((f) => f.name !== name);
      change(left, { active: get().active === name ? (left[0]?.name ?? "") : get().active });
    },
    markApplied: (name) => set((s) => ({ applied: { ...s.applied, [name]: s.files.find((f) => f.name === name)?.text ?? "" } })),
  };
});
