import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";
import { editorSchemaPlugin } from "./scripts/editor-schema-plugin.ts";

export default defineConfig({
  plugins: [react(), editorSchemaPlugin()],
  // Served from any folder: GitHub Pages, a file share, behind a path.
  base: "./",
  resolve: {
    // monaco-worker-manager still asks for the paths of Monaco before 0.56.
    alias: [{ find: /^monaco-editor\/esm\/vs\/(.*)$/, replacement: "monaco-editor/$1" }],
  },
  optimizeDeps: {
    include: [
      "monaco-editor/editor", "monaco-editor/features/register.all", "monaco-editor/languages/definitions/yaml/register", "monaco-editor/editor/editor.worker",
      "monaco-yaml", "monaco-yaml/yaml.worker.js", "@xterm/xterm", "@xterm/addon-fit",
    ],
  },
  worker: { format: "es" },
  build: { target: "es2023", sourcemap: true, chunkSizeWarningLimit: 4_500 },
  test: { environment: "node", include: ["src/**/*.test.{ts,tsx}", "scripts/**/*.test.ts"], testTimeout: 60_000 },
});
