declare module "virtual:editor-schema" {
  export const schema: Record<string, unknown>;
}
