import { keyOf, keyText } from "../../apimachinery/object.ts";
import { EndpointSlice } from "../../kinds/endpoint-slice.ts";
import type { EndpointSliceObject, PodObject, ServiceObject } from "../../kinds/generated/types.ts";
import { hasLabels } from "../../kinds/helpers/label-match.ts";
import { isPodReady } from "../../kinds/helpers/pod-state.ts";
import { podLabelValues, serviceSelectorValues, unindexedServices } from "../../kinds/helpers/service-selection.ts";
import { Node } from "../../kinds/node.ts";
import { Pod } from "../../kinds/pod.ts";
import { Service } from "../../kinds/service.ts";
import { type Change, type ControllerFactory, index, type KeyRequest, parseKey, watch } from "../controller.ts";
import type { ReadView } from "../plan.ts";
import { isEndpointPod } from "./endpoints.ts";
import { POD_LABEL_INDEX, SERVICE_SELECTOR_INDEX, SLICE_INDEX } from "./indexes.ts";
import { EndpointSliceMemory } from "./memory.ts";
import { reconcileEndpointSlices } from "./reconcile.ts";
import { MANAGED_BY, MANAGER, SERVICE_NAME } from "./slices.ts";

const SLICE_CHANGE_DELAY_US = 1e6;

/** Source: pkg/controller/endpointslice/endpointslice_controller.go, NewController. */
export const endpointSliceController: ControllerFactory = () => {
  const memory = new EndpointSliceMemory();
  return {
    name: "endpoint-slice-controller",
    workers: 5,
    maxRetries: 15,
    indexes: [
      index(Pod, POD_LABEL_INDEX, podLabelValues),
      index(Service, SERVICE_SELECTOR_INDEX, serviceSelectorValues),
      index(EndpointSlice, SLICE_INDEX, (slice) => {
        const service = serviceKeyOf(slice);
        return service === undefined ? [] : [service];
      }),
    ],
    watches: [
      watch(Service, ({ object }) => [keyText(keyOf(object))]),
      watch(Pod, servicesToLookAt),
      watch(EndpointSlice, (change) => keysOfSlice(change, memory)),
      watch(Node, () => []),
    ],
    reconcile: (key, view) => reconcileEndpointSlices(parseKey(key), view, memory),
  };
};

function serviceKeyOf({ metadata: { namespace = "", labels } }: EndpointSliceObject): string | undefined {
  const name = labels?.[SERVICE_NAME];
  return name === undefined ? undefined : `${namespace}/${name}`;
}

/** Only what somebody else did to a slice calls for another look. Source: onEndpointSliceAdd, onEndpointSliceUpdate, onEndpointSliceDelete. */
function keysOfSlice({ type, object }: Change<EndpointSliceObject>, memory: EndpointSliceMemory): readonly KeyRequest[] {
  const key = serviceKeyOf(object);
  if (key === undefined || object.metadata.labels?.[MANAGED_BY] !== MANAGER) return [];
  const expected = type === "delete" ? memory.wasExpectedDelete(key, object) : memory.isOwnWrite(key, object);
  return expected ? [] : [{ key, afterUs: SLICE_CHANGE_DELAY_US }];
}

/** Services that select the pod, or did before it changed. Source: staging/src/k8s.io/endpointslice/util/controller_utils.go, GetServicesToUpdateOnPodChange. */
function servicesToLookAt({ type, object, before }: Change<PodObject>, view: ReadView): Iterable<string> {
  if (type !== "update" || before === undefined) return servicesOf(view, object);
  const relabelled = before.metadata.labels !== object.metadata.labels || before.spec.hostname !== object.spec.hostname || before.spec.subdomain !== object.spec.subdomain;
  if (!relabelled && !endpointChanged(object, before)) return [];
  return relabelled ? new Set([...servicesOf(view, before), ...servicesOf(view, object)]) : servicesOf(view, object);
}

function endpointChanged(pod: PodObject, before: PodObject): boolean {
  return (
    pod.metadata.deletionTimestamp !== before.metadata.deletionTimestamp || isPodReady(pod) !== isPodReady(before) || isEndpointPod(pod) !== isEndpointPod(before) ||
    pod.status?.podIP !== before.status?.podIP || pod.spec.nodeName !== before.spec.nodeName
  );
}

function servicesOf(view: ReadView, pod: PodObject): string[] {
  const { namespace = "", labels } = pod.metadata;
  const keys: string[] = [];
  const look = (services: readonly ServiceObject[]): void => {
    for (const service of services) if (hasLabels(labels, service.spec.selector)) keys.push(keyText(keyOf(service)));
  };
  for (const value of podLabelValues(pod)) look(view.byIndex(Service, SERVICE_SELECTOR_INDEX, value));
  look(view.byIndex(Service, SERVICE_SELECTOR_INDEX, unindexedServices(namespace)));
  return keys;
}
