import { useStore, type ReactFlowState } from "@xyflow/react";

/** From here on pods are elements; below, cells on a canvas. */
export const POD_ZOOM = 0.46;
/** Below this a machine's card is a tile: its name, large, and cells. */
export const TILE_ZOOM = 0.26;

const machinesAreTiles = (s: ReactFlowState): boolean => s.transform[2] < TILE_ZOOM;

export const useMachinesAreTiles = (): boolean => useStore(machinesAreTiles);
