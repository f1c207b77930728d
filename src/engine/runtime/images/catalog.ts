import { assert } from "../../kernel/assert.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import { programs as commandPrograms } from "../commands/registry.ts";
import type { RuntimeError } from "../contracts.ts";
import { ImageTree } from "../fs/overlay-tree.ts";
import type { Program } from "../process/program.ts";
import { type ComponentBehaviour, componentImage } from "./component.ts";
import { digestOf } from "./digest.ts";
import { genericImage } from "./generic.ts";
import type { ImageConfig, ImageDefinition, LayerSpec } from "./image-definition.ts";
import type { ImageReference } from "./reference.ts";
import { IMAGES } from "./registry.ts";
import { lookUpRepository, notFound } from "./registry-model.ts";

/** An image as a registry serves it: shared by all nodes. */
export interface CatalogImage {
  readonly config: ImageConfig;
  readonly layers: readonly (LayerSpec & { readonly digest: string })[];
  /** "sha256:…" of the manifest. */
  readonly digest: string;
  /** Sum of the layers, compressed: what the kubelet reports as the image's size. */
  readonly sizeBytes: number;
  readonly files: ImageTree;
}

/** Everything that can be pulled, and every program that can be run. One per cluster. */
export interface ImageCatalog {
  resolve(reference: ImageReference): Result<CatalogImage, RuntimeError>;
  program(name: string): Program | undefined;
}

export interface ImageCatalogOptions {
  /** Behaviours of system images by normalised repository: "registry.k8s.io/kube-apiserver". They take the place of built-in ones. */
  readonly components?: Readonly<Record<string, ComponentBehaviour>>;
  /** More images, for tests and lessons. */
  readonly images?: readonly ImageDefinition[];
}

export function createImageCatalog(options: ImageCatalogOptions = {}): ImageCatalog {
  const definitions = new Map<string, ImageDefinition>();
  const programs = new Map<string, Program>();
  const addPrograms = (list: readonly Program[]): void => {
    for (const program of list) {
      assert(!programs.has(program.name) || programs.get(program.name) === program, `the program name ${program.name} is used once`);
      programs.set(program.name, program);
    }
  };
  const addImage = (definition: ImageDefinition): void => {
    for (const repository of definition.repositories) definitions.set(repository, definition);
    addPrograms(definition.programs ?? []);
  };
  addPrograms(commandPrograms);
  addPrograms(genericImage.programs ?? []);
  for (const definition of IMAGES) addImage(definition);
  for (const definition of options.images ?? []) addImage(definition);
  for (const [repository, behaviour] of Object.entries(options.components ?? {})) addImage(componentImage(repository, behaviour));

  const resolved = new Map<string, CatalogImage>();
  return {
    resolve(reference) {
      const known = resolved.get(reference.canonical);
      if (known !== undefined) return ok(known);
      const definition = definitions.get(reference.repository);
      const exists = lookUpRepository(reference, definition !== undefined);
      if (!exists.ok) return exists;
      // A digest names content that nobody here has seen: taken for the repository's newest image.
      const tag = reference.tag ?? "latest";
      const variant = definition === undefined ? genericImage.variant(tag, reference.repository) : (definition.variant(tag, reference.repository) ?? (reference.digest === undefined ? undefined : definition.variant("latest", reference.repository)));
      if (variant === undefined) return err(notFound(reference));
      const layers = variant.layers.map((layer) => ({ ...layer, digest: digestOf(`layer ${layer.name}`) }));
      const image: CatalogImage = {
        config: {
          repository: reference.repository,
          tag: reference.tag ?? "",
          version: variant.version ?? tag,
          entrypoint: variant.entrypoint ?? [],
          cmd: variant.cmd ?? [],
          env: variant.env ?? [["PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]],
          user: variant.user ?? "",
          workingDir: variant.workingDir ?? "",
          stopSignal: variant.stopSignal ?? "SIGTERM",
          exposedPorts: variant.exposedPorts ?? [],
          resolver: variant.resolver ?? "glibc",
        },
        layers,
        digest: reference.digest ?? digestOf(`manifest ${reference.repository} ${variant.version ?? tag} ${layers.map((layer) => layer.digest).join(" ")}`),
        sizeBytes: layers.reduce((sum, layer) => sum + layer.bytes, 0),
        files: new ImageTree(variant.files()),
      };
      resolved.set(reference.canonical, image);
      return ok(image);
    },
    program: (name) => programs.get(name),
  };
}
