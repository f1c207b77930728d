// Stand-in until the images are listed here: overwrite it.
import type { ImageDefinition } from "./image-definition.ts";

export const IMAGES: readonly ImageDefinition[] = [];
