import * as monaco from "monaco-editor/editor";
import "monaco-editor/features/register.all";
import "monaco-editor/languages/definitions/yaml/register";
import EditorWorker from "monaco-editor/editor/editor.worker?worker";
import { configureMonacoYaml, type MonacoYamlOptions } from "monaco-yaml";
import { schema } from "virtual:editor-schema";
import YamlWorker from "./yaml.worker.ts?worker";

self.MonacoEnvironment = { getWorker: (_id: string, label: string) => (label === "yaml" ? new YamlWorker() : new EditorWorker()) };

interface LegacyWorkerOptions {
  readonly createData?: unknown;
}

/** monaco-yaml hands its settings to `createWebWorker`, which no longer passes them on since Monaco 0.53: make the worker here and post them. */
const create = monaco.editor.createWebWorker as unknown as (options: { worker: Promise<Worker> }) => monaco.editor.MonacoWebWorker<object>;
const compatible = {
  ...monaco,
  editor: {
    ...monaco.editor,
    createWebWorker(options: LegacyWorkerOptions) {
      const worker = new YamlWorker();
      worker.postMessage("ignore"); // wakes the worker's initialisation
      worker.postMessage(options.createData);
      return create({ worker: Promise.resolve(worker) });
    },
  },
};

configureMonacoYaml(compatible as unknown as Parameters<typeof configureMonacoYaml>[0], {
  enableSchemaRequest: false,
  yamlVersion: "1.1",
  schemas: [{ uri: "inmemory://kubarium/kubernetes.json", fileMatch: ["**/*.yaml", "**/*.yml"], schema: schema as NonNullable<MonacoYamlOptions["schemas"]>[number]["schema"] }],
});

export { monaco };
