export const SLICE_INDEX = "service-of-slice";
export const POD_LABEL_INDEX = "label";
export const SERVICE_SELECTOR_INDEX = "selector";
