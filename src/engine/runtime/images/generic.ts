// Stand-in until the generic server is here: overwrite it.
import type { ImageDefinition } from "./image-definition.ts";

export const genericImage: ImageDefinition = { repositories: [], variant: () => undefined };
