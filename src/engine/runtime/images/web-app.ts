import type { Process } from "../process/process.ts";
import type { Program } from "../process/program.ts";
import type { Sys } from "../process/wait.ts";
import { serveWeb, type WebHandler } from "../net/web-server.ts";
import { ALPINE_LATEST, alpineFiles, alpineLayer } from "./bases/alpine.ts";
import { debianFiles, debianLayer, RELEASES } from "./bases/debian.ts";
import { distrolessFiles, distrolessLayers } from "./bases/distroless.ts";
import type { FileTable } from "./file-table.ts";
import type { ImageDefinition, ImageVariant, LayerSpec } from "./image-definition.ts";

export type Base = "distroless" | "alpine" | "debian";

const BASES: { readonly [B in Base]: { readonly layers: readonly LayerSpec[]; readonly files: () => FileTable } } = {
  distroless: { layers: distrolessLayers, files: distrolessFiles },
  alpine: { layers: [alpineLayer(ALPINE_LATEST)], files: () => alpineFiles(ALPINE_LATEST) },
  debian: { layers: [debianLayer(RELEASES.bookworm)], files: () => debianFiles(RELEASES.bookworm) },
};

/** What an image that is one program on a well-known base looks like. */
export interface AppImage extends Partial<Omit<ImageVariant, "files" | "layers">> {
  readonly base: Base;
  /** Absolute path of the executable. */
  readonly path: string;
  readonly program: string;
  /** Compressed size above the base. */
  readonly bytes: number;
  readonly extra?: (files: FileTable) => void;
}

/** A variant with the program's layer on its base. */
export function appVariant(name: string, tag: string, app: AppImage): ImageVariant {
  const base = BASES[app.base];
  return {
    version: tag,
    entrypoint: [app.path],
    ...(app.base === "alpine" ? { resolver: "musl" as const } : app.base === "distroless" ? { resolver: "go" as const } : {}),
    ...app,
    layers: [...base.layers, { name: `${name}:${tag}`, bytes: app.bytes }],
    files: () => {
      const files = base.files().binary(app.path.slice(1), app.program, "plain", tag);
      app.extra?.(files);
      return files.build();
    },
  };
}

/** How a program takes SIGTERM as the first process. Node and Python do not install a handler, so the kernel drops it. */
export type OnTerm = { readonly exitCode: number; readonly afterUs?: number } | "ignored";

/** Go's runtime ends a program that does not handle SIGTERM; as the first process of a container, with 2. */
export const GO_TERM: OnTerm = { exitCode: 2 };

export function handleTerm(process: Process, onTerm: OnTerm): void {
  if (onTerm === "ignored") return;
  const end = (): void => {
    if (onTerm.afterUs === undefined) process.exit(process.pid === 1 ? onTerm.exitCode : onTerm.exitCode === 2 ? 143 : onTerm.exitCode);
    else process.after(onTerm.afterUs, "ends", () => process.exit(onTerm.exitCode));
  };
  process.onSignal("TERM", end);
  process.onSignal("INT", end);
}

export interface WebProgram {
  readonly name: string;
  readonly memoryBytes?: number;
  readonly startUs?: number;
  readonly onTerm?: OnTerm;
  /** Ports and what they answer; a text: printed before the program gives up with 1. */
  readonly serve: (process: Process) => readonly { readonly port: number; readonly handle: WebHandler; readonly costUs?: number }[] | string;
  /** Printed when everything listens. */
  readonly ready?: (process: Process) => string;
  /** A port that is taken. */
  readonly bindError?: (process: Process, port: number) => string;
}

/** A program that only serves HTTP. */
export const webProgram = (spec: WebProgram): Program => ({
  name: spec.name,
  memoryBytes: spec.memoryBytes ?? 12 << 20,
  startUs: spec.startUs ?? 20_000,
  *run(process) {
    const sites = spec.serve(process);
    if (typeof sites === "string") {
      yield* process.errOut(sites);
      return 1;
    }
    for (const { port, handle, costUs } of sites) {
      const listener = serveWeb(process, { port, ...(costUs === undefined ? {} : { costUs }) }, handle);
      if (listener.ok) continue;
      yield* process.errOut(spec.bindError?.(process, port) ?? `listen tcp :${port}: ${listener.error.message}\n`);
      return 1;
    }
    const text = spec.ready?.(process) ?? "";
    if (text !== "") yield* process.out(text);
    handleTerm(process, spec.onTerm ?? GO_TERM);
    return yield* forever(process);
  },
});

export function* forever(process: Process): Sys<number> {
  for (;;) yield* process.pause();
}

/** "--port=8080", "-port 8080" and "--port 8080" of a Go or Python program; undefined when it is not there. */
export function flagValue(args: readonly string[], name: string): string | undefined {
  for (let i = 0; i < args.length; i++) {
    const match = new RegExp(`^--?${name}(?:=(.*))?$`, "s").exec(args[i] ?? "");
    if (match !== null) return match[1] ?? args[i + 1] ?? "";
  }
  return undefined;
}

/** A family that is one web program: tags by pattern. */
export const webImage = (repositories: readonly string[], tags: RegExp, app: (tag: string) => Omit<AppImage, "program">, program: Program): ImageDefinition => ({
  repositories,
  programs: [program],
  variant: (tag) => (tags.test(tag) ? appVariant(repositories[0] ?? program.name, tag, { ...app(tag), program: program.name }) : undefined),
});
