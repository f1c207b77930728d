import type { ResolverStyle } from "../../network/contracts.ts";
import type { FileNode } from "../fs/node.ts";
import type { Program } from "../process/program.ts";

/** What an image says about how to run it. Source: OCI image-spec, config.md. */
export interface ImageConfig {
  /** "docker.io/library/nginx" */
  readonly repository: string;
  /** "latest"; "" for a pull by digest. */
  readonly tag: string;
  /** Of the main program: "1.29.1". */
  readonly version: string;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** "KEY=value" order kept. */
  readonly env: readonly (readonly [string, string])[];
  /** "" (root), a uid or a name. */
  readonly user: string;
  readonly workingDir: string;
  readonly stopSignal: string;
  readonly exposedPorts: readonly number[];
  /** How its C library looks up names. */
  readonly resolver: ResolverStyle;
}

/** One layer: equal names are the same layer, stored once per node. */
export interface LayerSpec {
  readonly name: string;
  /** Compressed, as it travels. */
  readonly bytes: number;
}

/** One tag of an image. */
export interface ImageVariant extends Partial<Omit<ImageConfig, "repository" | "tag">> {
  readonly layers: readonly LayerSpec[];
  /** Path without the leading slash → file. Made once per tag. */
  readonly files: () => ReadonlyMap<string, FileNode>;
}

/** An image, or a family of images that behave alike. One file each; `registry.ts` lists them. */
export interface ImageDefinition {
  /** Normalised names: "docker.io/library/nginx", "registry.k8s.io/nginx". */
  readonly repositories: readonly string[];
  /** Undefined: there is no such tag. */
  readonly variant: (tag: string, repository: string) => ImageVariant | undefined;
  /** Programs that only these images have. Names are unique over all images. */
  readonly programs?: readonly Program[];
}
