import type { Plugin } from "vite";
import { editorSchema } from "../src/engine/kinds/editor-schema.ts";
import { DESCRIPTIONS } from "../src/engine/kinds/generated/descriptions.ts";
import { KINDS } from "../src/engine/kinds/registry.ts";

const ID = "virtual:editor-schema";

/** The editor's JSON schema, computed from the kinds while building: the page never imports the engine. */
export function editorSchemaPlugin(): Plugin {
  return {
    name: "kubarium:editor-schema",
    resolveId: (id) => (id === ID ? `\0${ID}` : undefined),
    load: (id) => (id === `\0${ID}` ? `export const schema = JSON.parse(${JSON.stringify(JSON.stringify(editorSchema(KINDS, DESCRIPTIONS)))});` : undefined),
  };
}
