export { createCluster } from "../../engine/index.ts";
