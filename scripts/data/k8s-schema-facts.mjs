// Facts about Kubernetes v1.33 API types that no package carries: list types, merge keys, patch strategies, enums and named Go types.
// Source: the markers (+listType, +listMapKey, +structType, patchStrategy, patchMergeKey, +enum) and declarations in
// staging/src/k8s.io/api/*/v1/types.go, autoscaling/v2/types.go and staging/src/k8s.io/apimachinery/pkg/apis/meta/v1/types.go.

/** Values of named string types, as the published OpenAPI lists them (sorted). */
export const ENUMS = {
  "v1.PullPolicy": ["Always", "IfNotPresent", "Never"],
  "v1.RestartPolicy": ["Always", "Never", "OnFailure"],
  "v1.DNSPolicy": ["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"],
  "v1.Protocol": ["SCTP", "TCP", "UDP"],
  "v1.TerminationMessagePolicy": ["FallbackToLogsOnError", "File"],
  "v1.URIScheme": ["HTTP", "HTTPS"],
  "v1.MountPropagationMode": ["Bidirectional", "HostToContainer", "None"],
  "v1.HostPathType": ["", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"],
  "v1.TaintEffect": ["NoExecute", "NoSchedule", "PreferNoSchedule"],
  "v1.TolerationOperator": ["Equal", "Exists"],
  "v1.NodeSelectorOperator": ["DoesNotExist", "Exists", "Gt", "In", "Lt", "NotIn"],
  "v1.UnsatisfiableConstraintAction": ["DoNotSchedule", "ScheduleAnyway"],
  "v1.NodeInclusionPolicy": ["Honor", "Ignore"],
  "v1.PreemptionPolicy": ["Never", "PreemptLowerPriority"],
  "v1.SeccompProfileType": ["Localhost", "RuntimeDefault", "Unconfined"],
  "v1.AppArmorProfileType": ["Localhost", "RuntimeDefault", "Unconfined"],
  "v1.PodFSGroupChangePolicy": ["Always", "OnRootMismatch"],
  "v1.SupplementalGroupsPolicy": ["Merge", "Strict"],
  "v1.ProcMountType": ["Default", "Unmasked"],
  "v1.PodPhase": ["Failed", "Pending", "Running", "Succeeded", "Unknown"],
  "v1.PodQOSClass": ["BestEffort", "Burstable", "Guaranteed"],
  "v1.ServiceType": ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"],
  "v1.ServiceAffinity": ["ClientIP", "None"],
  "v1.ServiceExternalTrafficPolicy": ["Cluster", "Local"],
  "v1.ServiceInternalTrafficPolicy": ["Cluster", "Local"],
  "v1.IPFamilyPolicy": ["PreferDualStack", "RequireDualStack", "SingleStack"],
  "v1.NamespacePhase": ["Active", "Terminating"],
  "v1.PersistentVolumeReclaimPolicy": ["Delete", "Recycle", "Retain"],
  "v1.PersistentVolumeMode": ["Block", "Filesystem"],
  "v1.PersistentVolumePhase": ["Available", "Bound", "Failed", "Pending", "Released"],
  "v1.PersistentVolumeClaimPhase": ["Bound", "Lost", "Pending"],
  "v1.AzureDataDiskCachingMode": ["None", "ReadOnly", "ReadWrite"],
  "v1.AzureDataDiskKind": ["Dedicated", "Managed", "Shared"],
  "v1.ResourceQuotaScope": ["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "PriorityClass", "Terminating"],
  "v1.ScopeSelectorOperator": ["DoesNotExist", "Exists", "In", "NotIn"],
  "v1.PodManagementPolicyType": ["OrderedReady", "Parallel"],
  "v1.DeploymentStrategyType": ["Recreate", "RollingUpdate"],
  "v1.DaemonSetUpdateStrategyType": ["OnDelete", "RollingUpdate"],
  "v1.StatefulSetUpdateStrategyType": ["OnDelete", "RollingUpdate"],
  "v1.CompletionMode": ["Indexed", "NonIndexed"],
  "v1.ConcurrencyPolicy": ["Allow", "Forbid", "Replace"],
  "v1.PodFailurePolicyAction": ["Count", "FailIndex", "FailJob", "Ignore"],
  "v1.PodFailurePolicyOnExitCodesOperator": ["In", "NotIn"],
  "v1.PodReplacementPolicy": ["Failed", "TerminatingOrFailed"],
  "v1.PathType": ["Exact", "ImplementationSpecific", "Prefix"],
  "v1.PolicyType": ["Egress", "Ingress"],
  "v1.AddressType": ["FQDN", "IPv4", "IPv6"],
  "v1.VolumeBindingMode": ["Immediate", "WaitForFirstConsumer"],
  "v1.ResourceHealthStatus": [],
  "v1.LabelSelectorOperator": [],
  "v1.ManagedFieldsOperationType": [],
  "v1.UnhealthyPodEvictionPolicyType": ["AlwaysAllow", "IfHealthyBudget"],
};

const NAMED_STRINGS = `
core/v1.Container imagePullPolicy=v1.PullPolicy terminationMessagePolicy=v1.TerminationMessagePolicy restartPolicy=v1.ContainerRestartPolicy
core/v1.EphemeralContainerCommon imagePullPolicy=v1.PullPolicy terminationMessagePolicy=v1.TerminationMessagePolicy restartPolicy=v1.ContainerRestartPolicy
core/v1.ContainerPort protocol=v1.Protocol
core/v1.ContainerResizePolicy resourceName=v1.ResourceName restartPolicy=v1.ResourceResizeRestartPolicy
core/v1.Lifecycle stopSignal=v1.Signal
core/v1.ContainerStatus stopSignal=v1.Signal
core/v1.VolumeMount mountPropagation=v1.MountPropagationMode recursiveReadOnly=v1.RecursiveReadOnlyMode
core/v1.VolumeMountStatus recursiveReadOnly=v1.RecursiveReadOnlyMode
core/v1.HTTPGetAction scheme=v1.URIScheme
core/v1.HostPathVolumeSource type=v1.HostPathType
core/v1.EmptyDirVolumeSource medium=v1.StorageMedium
core/v1.ImageVolumeSource pullPolicy=v1.PullPolicy
core/v1.AzureDiskVolumeSource cachingMode=v1.AzureDataDiskCachingMode kind=v1.AzureDataDiskKind
core/v1.PodSpec restartPolicy=v1.RestartPolicy dnsPolicy=v1.DNSPolicy preemptionPolicy=v1.PreemptionPolicy
core/v1.PodOS name=v1.OSName
core/v1.PodStatus phase=v1.PodPhase qosClass=v1.PodQOSClass resize=v1.PodResizeStatus
core/v1.PodCondition type=v1.PodConditionType status=v1.ConditionStatus
core/v1.PodReadinessGate conditionType=v1.PodConditionType
core/v1.Toleration operator=v1.TolerationOperator effect=v1.TaintEffect
core/v1.Taint effect=v1.TaintEffect
core/v1.NodeSelectorRequirement operator=v1.NodeSelectorOperator
core/v1.TopologySpreadConstraint whenUnsatisfiable=v1.UnsatisfiableConstraintAction nodeAffinityPolicy=v1.NodeInclusionPolicy nodeTaintsPolicy=v1.NodeInclusionPolicy
core/v1.SeccompProfile type=v1.SeccompProfileType
core/v1.AppArmorProfile type=v1.AppArmorProfileType
core/v1.PodSecurityContext fsGroupChangePolicy=v1.PodFSGroupChangePolicy supplementalGroupsPolicy=v1.SupplementalGroupsPolicy seLinuxChangePolicy=v1.PodSELinuxChangePolicy
core/v1.SecurityContext procMount=v1.ProcMountType
core/v1.Capabilities add=[]v1.Capability drop=[]v1.Capability
core/v1.ServicePort protocol=v1.Protocol
core/v1.ServiceSpec type=v1.ServiceType sessionAffinity=v1.ServiceAffinity externalTrafficPolicy=v1.ServiceExternalTrafficPolicy internalTrafficPolicy=v1.ServiceInternalTrafficPolicy ipFamilyPolicy=v1.IPFamilyPolicy ipFamilies=[]v1.IPFamily
core/v1.LoadBalancerIngress ipMode=v1.LoadBalancerIPMode
core/v1.PortStatus protocol=v1.Protocol
core/v1.EndpointPort protocol=v1.Protocol
core/v1.NamespaceSpec finalizers=[]v1.FinalizerName
core/v1.NamespaceStatus phase=v1.NamespacePhase
core/v1.NamespaceCondition type=v1.NamespaceConditionType status=v1.ConditionStatus
core/v1.NodeStatus phase=v1.NodePhase volumesInUse=[]v1.UniqueVolumeName
core/v1.NodeAddress type=v1.NodeAddressType
core/v1.NodeCondition type=v1.NodeConditionType status=v1.ConditionStatus
core/v1.AttachedVolume name=v1.UniqueVolumeName
core/v1.ObjectReference uid=types.UID
core/v1.Secret type=v1.SecretType
core/v1.PersistentVolumeSpec accessModes=[]v1.PersistentVolumeAccessMode persistentVolumeReclaimPolicy=v1.PersistentVolumeReclaimPolicy volumeMode=v1.PersistentVolumeMode
core/v1.PersistentVolumeStatus phase=v1.PersistentVolumePhase
core/v1.PersistentVolumeClaimSpec accessModes=[]v1.PersistentVolumeAccessMode volumeMode=v1.PersistentVolumeMode
core/v1.PersistentVolumeClaimStatus phase=v1.PersistentVolumeClaimPhase accessModes=[]v1.PersistentVolumeAccessMode allocatedResourceStatuses=map[v1.ResourceName]v1.ClaimResourceStatus
core/v1.PersistentVolumeClaimCondition type=v1.PersistentVolumeClaimConditionType status=v1.ConditionStatus
core/v1.ModifyVolumeStatus status=v1.PersistentVolumeClaimModifyVolumeStatus
core/v1.LimitRangeItem type=v1.LimitType
core/v1.ResourceQuotaSpec scopes=[]v1.ResourceQuotaScope
core/v1.ScopedResourceSelectorRequirement scopeName=v1.ResourceQuotaScope operator=v1.ScopeSelectorOperator
core/v1.ReplicationControllerCondition type=v1.ReplicationControllerConditionType status=v1.ConditionStatus
core/v1.ResourceStatus name=v1.ResourceName
core/v1.ResourceHealth resourceID=v1.ResourceID health=v1.ResourceHealthStatus
apps/v1.DeploymentStrategy type=v1.DeploymentStrategyType
apps/v1.DeploymentCondition type=v1.DeploymentConditionType status=v1.ConditionStatus
apps/v1.ReplicaSetCondition type=v1.ReplicaSetConditionType status=v1.ConditionStatus
apps/v1.DaemonSetUpdateStrategy type=v1.DaemonSetUpdateStrategyType
apps/v1.DaemonSetCondition type=v1.DaemonSetConditionType status=v1.ConditionStatus
apps/v1.StatefulSetSpec podManagementPolicy=v1.PodManagementPolicyType
apps/v1.StatefulSetUpdateStrategy type=v1.StatefulSetUpdateStrategyType
apps/v1.StatefulSetCondition type=v1.StatefulSetConditionType status=v1.ConditionStatus
apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy whenDeleted=v1.PersistentVolumeClaimRetentionPolicyType whenScaled=v1.PersistentVolumeClaimRetentionPolicyType
batch/v1.JobSpec completionMode=v1.CompletionMode podReplacementPolicy=v1.PodReplacementPolicy
batch/v1.JobCondition type=v1.JobConditionType status=v1.ConditionStatus
batch/v1.PodFailurePolicyRule action=v1.PodFailurePolicyAction
batch/v1.PodFailurePolicyOnExitCodesRequirement operator=v1.PodFailurePolicyOnExitCodesOperator
batch/v1.PodFailurePolicyOnPodConditionsPattern type=v1.PodConditionType status=v1.ConditionStatus
batch/v1.UncountedTerminatedPods succeeded=[]types.UID failed=[]types.UID
batch/v1.CronJobSpec concurrencyPolicy=v1.ConcurrencyPolicy
autoscaling/v2.MetricSpec type=v2.MetricSourceType
autoscaling/v2.MetricStatus type=v2.MetricSourceType
autoscaling/v2.MetricTarget type=v2.MetricTargetType
autoscaling/v2.HPAScalingRules selectPolicy=v2.ScalingPolicySelect
autoscaling/v2.HPAScalingPolicy type=v2.HPAScalingPolicyType
autoscaling/v2.HorizontalPodAutoscalerCondition type=v2.HorizontalPodAutoscalerConditionType status=v1.ConditionStatus
autoscaling/v2.ResourceMetricSource name=v1.ResourceName
autoscaling/v2.ResourceMetricStatus name=v1.ResourceName
autoscaling/v2.ContainerResourceMetricSource name=v1.ResourceName
autoscaling/v2.ContainerResourceMetricStatus name=v1.ResourceName
networking/v1.HTTPIngressPath pathType=v1.PathType
networking/v1.IngressPortStatus protocol=v1.Protocol
networking/v1.NetworkPolicyPort protocol=v1.Protocol
networking/v1.NetworkPolicySpec policyTypes=[]v1.PolicyType
discovery/v1.EndpointSlice addressType=v1.AddressType
discovery/v1.EndpointPort protocol=v1.Protocol
policy/v1.PodDisruptionBudgetSpec unhealthyPodEvictionPolicy=v1.UnhealthyPodEvictionPolicyType
scheduling/v1.PriorityClass preemptionPolicy=v1.PreemptionPolicy
storage/v1.StorageClass reclaimPolicy=v1.PersistentVolumeReclaimPolicy volumeBindingMode=v1.VolumeBindingMode
certificates/v1.CertificateSigningRequestSpec usages=[]v1.KeyUsage
certificates/v1.CertificateSigningRequestCondition type=v1.RequestConditionType status=v1.ConditionStatus
coordination/v1.LeaseSpec strategy=v1.CoordinatedLeaseStrategy
authentication/v1.BoundObjectReference uid=types.UID
meta/v1.ObjectMeta uid=types.UID
meta/v1.OwnerReference uid=types.UID
meta/v1.Preconditions uid=types.UID
meta/v1.ManagedFieldsEntry operation=v1.ManagedFieldsOperationType
meta/v1.LabelSelectorRequirement operator=v1.LabelSelectorOperator
meta/v1.FieldSelectorRequirement operator=v1.FieldSelectorOperator
meta/v1.DeleteOptions propagationPolicy=v1.DeletionPropagation
meta/v1.Condition status=v1.ConditionStatus
meta/v1.Status reason=v1.StatusReason
meta/v1.StatusDetails uid=types.UID
meta/v1.StatusCause reason=v1.CauseType
`;

/** List and patch markers: "list:<type>[:keys]" and "patch:<strategies>[:mergeKey]". `merge(k)` is a keyed list that patches merge by the same key. */
const MARKERS = `
core/v1.PodSpec volumes=list:map:name,patch:merge+retainKeys:name initContainers=merge(name) containers=merge(name) ephemeralContainers=merge(name) nodeSelector=map:atomic
core/v1.PodSpec imagePullSecrets=merge(name) tolerations=list:atomic hostAliases=merge(ip) readinessGates=list:atomic topologySpreadConstraints=list:map:topologyKey+whenUnsatisfiable,patch:merge:topologyKey
core/v1.PodSpec schedulingGates=merge(name) resourceClaims=list:map:name,patch:merge+retainKeys:name
core/v1.Container command=list:atomic args=list:atomic ports=list:map:containerPort+protocol,patch:merge:containerPort envFrom=list:atomic env=merge(name) resizePolicy=list:atomic volumeMounts=merge(mountPath) volumeDevices=merge(devicePath)
core/v1.EphemeralContainerCommon command=list:atomic args=list:atomic ports=list:map:containerPort+protocol,patch:merge:containerPort envFrom=list:atomic env=merge(name) resizePolicy=list:atomic volumeMounts=merge(mountPath) volumeDevices=merge(devicePath)
core/v1.ResourceRequirements claims=list:map:name
core/v1.PodStatus conditions=merge(type) podIPs=merge(ip) hostIPs=list:atomic,patch:merge:ip initContainerStatuses=list:atomic containerStatuses=list:atomic ephemeralContainerStatuses=list:atomic resourceClaimStatuses=list:map:name,patch:merge+retainKeys:name
core/v1.ContainerStatus volumeMounts=merge(mountPath) allocatedResourcesStatus=merge(name)
core/v1.ResourceStatus resources=list:map:resourceID
core/v1.ServiceSpec ports=list:map:port+protocol,patch:merge:port selector=map:atomic clusterIPs=list:atomic externalIPs=list:atomic loadBalancerSourceRanges=list:atomic ipFamilies=list:atomic
core/v1.ServiceStatus conditions=merge(type)
core/v1.LoadBalancerStatus ingress=list:atomic
core/v1.LoadBalancerIngress ports=list:atomic
core/v1.ServiceAccount secrets=merge(name) imagePullSecrets=list:atomic
core/v1.Endpoints subsets=list:atomic
core/v1.EndpointSubset addresses=list:atomic notReadyAddresses=list:atomic ports=list:atomic
core/v1.NodeSpec podCIDRs=list:set,patch:merge taints=list:atomic
core/v1.NodeStatus conditions=merge(type) addresses=merge(type) images=list:atomic volumesInUse=list:atomic volumesAttached=list:atomic runtimeHandlers=list:atomic
core/v1.ContainerImage names=list:atomic
core/v1.NamespaceSpec finalizers=list:atomic
core/v1.NamespaceStatus conditions=merge(type)
core/v1.PersistentVolumeSpec accessModes=list:atomic mountOptions=list:atomic claimRef=map:granular
core/v1.PersistentVolumeClaimSpec accessModes=list:atomic
core/v1.PersistentVolumeClaimStatus accessModes=list:atomic conditions=merge(type) allocatedResourceStatuses=map:granular
core/v1.NodeSelector nodeSelectorTerms=list:atomic
core/v1.NodeSelectorTerm matchExpressions=list:atomic matchFields=list:atomic
core/v1.NodeSelectorRequirement values=list:atomic
core/v1.NodeAffinity preferredDuringSchedulingIgnoredDuringExecution=list:atomic
core/v1.PodAffinity requiredDuringSchedulingIgnoredDuringExecution=list:atomic preferredDuringSchedulingIgnoredDuringExecution=list:atomic
core/v1.PodAntiAffinity requiredDuringSchedulingIgnoredDuringExecution=list:atomic preferredDuringSchedulingIgnoredDuringExecution=list:atomic
core/v1.PodAffinityTerm namespaces=list:atomic matchLabelKeys=list:atomic mismatchLabelKeys=list:atomic
core/v1.TopologySpreadConstraint matchLabelKeys=list:atomic
core/v1.ConfigMapVolumeSource items=list:atomic
core/v1.SecretVolumeSource items=list:atomic
core/v1.DownwardAPIVolumeSource items=list:atomic
core/v1.DownwardAPIProjection items=list:atomic
core/v1.ConfigMapProjection items=list:atomic
core/v1.SecretProjection items=list:atomic
core/v1.ProjectedVolumeSource sources=list:atomic
core/v1.HTTPGetAction httpHeaders=list:atomic
core/v1.ExecAction command=list:atomic
core/v1.Capabilities add=list:atomic drop=list:atomic
core/v1.PodSecurityContext supplementalGroups=list:atomic sysctls=list:atomic
core/v1.PodDNSConfig nameservers=list:atomic searches=list:atomic options=list:atomic
core/v1.HostAlias hostnames=list:atomic
core/v1.LimitRangeSpec limits=list:atomic
core/v1.ResourceQuotaSpec scopes=list:atomic
core/v1.ScopeSelector matchExpressions=list:atomic
core/v1.ScopedResourceSelectorRequirement values=list:atomic
core/v1.ISCSIVolumeSource portals=list:atomic
core/v1.ISCSIPersistentVolumeSource portals=list:atomic
core/v1.CephFSVolumeSource monitors=list:atomic
core/v1.CephFSPersistentVolumeSource monitors=list:atomic
core/v1.RBDVolumeSource monitors=list:atomic
core/v1.RBDPersistentVolumeSource monitors=list:atomic
core/v1.FCVolumeSource targetWWNs=list:atomic wwids=list:atomic
core/v1.TopologySelectorTerm matchLabelExpressions=list:atomic
core/v1.TopologySelectorLabelRequirement values=list:atomic
core/v1.LinuxContainerUser supplementalGroups=list:atomic
core/v1.ReplicationControllerSpec selector=map:atomic
core/v1.ReplicationControllerStatus conditions=merge(type)
meta/v1.ObjectMeta ownerReferences=merge(uid) finalizers=list:set,patch:merge managedFields=list:atomic
meta/v1.LabelSelector matchExpressions=list:atomic
meta/v1.LabelSelectorRequirement values=list:atomic
meta/v1.StatusDetails causes=list:atomic
meta/v1.DeleteOptions dryRun=list:atomic
apps/v1.DeploymentSpec strategy=patch:retainKeys
apps/v1.DeploymentStatus conditions=merge(type)
apps/v1.ReplicaSetStatus conditions=merge(type)
apps/v1.DaemonSetStatus conditions=merge(type)
apps/v1.StatefulSetStatus conditions=merge(type)
apps/v1.StatefulSetSpec volumeClaimTemplates=list:atomic
batch/v1.JobStatus conditions=list:atomic,patch:merge:type
batch/v1.UncountedTerminatedPods succeeded=list:set failed=list:set
batch/v1.PodFailurePolicy rules=list:atomic
batch/v1.PodFailurePolicyRule onPodConditions=list:atomic
batch/v1.PodFailurePolicyOnExitCodesRequirement values=list:set
batch/v1.SuccessPolicy rules=list:atomic
batch/v1.CronJobStatus active=list:atomic
autoscaling/v2.HorizontalPodAutoscalerSpec metrics=list:atomic
autoscaling/v2.HorizontalPodAutoscalerStatus currentMetrics=list:atomic conditions=merge(type)
autoscaling/v2.HPAScalingRules policies=list:atomic
networking/v1.IngressSpec tls=list:atomic rules=list:atomic
networking/v1.HTTPIngressRuleValue paths=list:atomic
networking/v1.IngressTLS hosts=list:atomic
networking/v1.IngressLoadBalancerStatus ingress=list:atomic
networking/v1.IngressLoadBalancerIngress ports=list:atomic
networking/v1.NetworkPolicySpec ingress=list:atomic egress=list:atomic policyTypes=list:atomic
networking/v1.NetworkPolicyIngressRule ports=list:atomic from=list:atomic
networking/v1.NetworkPolicyEgressRule ports=list:atomic to=list:atomic
networking/v1.IPBlock except=list:atomic
discovery/v1.EndpointSlice endpoints=list:atomic ports=list:atomic
discovery/v1.Endpoint addresses=list:set
discovery/v1.EndpointHints forZones=list:atomic forNodes=list:atomic
rbac/v1.Role rules=list:atomic
rbac/v1.ClusterRole rules=list:atomic
rbac/v1.RoleBinding subjects=list:atomic
rbac/v1.ClusterRoleBinding subjects=list:atomic
rbac/v1.AggregationRule clusterRoleSelectors=list:atomic
rbac/v1.PolicyRule verbs=list:atomic apiGroups=list:atomic resources=list:atomic resourceNames=list:atomic nonResourceURLs=list:atomic
policy/v1.PodDisruptionBudgetSpec selector=patch:replace
policy/v1.PodDisruptionBudgetStatus conditions=merge(type)
storage/v1.StorageClass mountOptions=list:atomic allowedTopologies=list:atomic
certificates/v1.CertificateSigningRequestSpec usages=list:atomic groups=list:atomic
certificates/v1.CertificateSigningRequestStatus conditions=list:map:type
authentication/v1.UserInfo groups=list:atomic
authentication/v1.TokenRequestSpec audiences=list:atomic
authentication/v1.TokenReviewSpec audiences=list:atomic
authentication/v1.TokenReviewStatus audiences=list:atomic
`;

/** Types that are replaced as a whole by server-side apply (+structType=atomic). */
export const ATOMIC_STRUCTS = new Set([
  "core/v1.ObjectReference", "core/v1.LocalObjectReference", "core/v1.TypedLocalObjectReference", "core/v1.ConfigMapKeySelector", "core/v1.SecretKeySelector",
  "core/v1.ObjectFieldSelector", "core/v1.ResourceFieldSelector", "core/v1.NodeSelector", "core/v1.NodeSelectorTerm", "core/v1.TopologySelectorTerm",
  "core/v1.ScopeSelector", "core/v1.ScopedResourceSelectorRequirement", "core/v1.SecretReference", "core/v1.EndpointAddress", "core/v1.EndpointPort",
  "meta/v1.LabelSelector", "meta/v1.OwnerReference", "discovery/v1.EndpointPort", "rbac/v1.RoleRef", "rbac/v1.Subject",
]);

/** Maps that are not `map[string]X` in Go. */
export const NAMED_MAPS = { "{}Quantity": "v1.ResourceList", "{}[]string": "map[string]v1.ExtraValue" };

/** Integer widths of fields that no package describes. */
export const INT_FORMATS = {
  "core/v1.EphemeralContainerCommon": {}, "core/v1.PodStatus.observedGeneration": "int64", "core/v1.PodCondition.observedGeneration": "int64",
};

/** @param {string} table @returns {Map<string, string>} "type.field" → text after the equals sign */
function parse(table) {
  const out = new Map();
  for (const line of table.split("\n")) {
    const [owner, ...fields] = line.trim().split(/\s+/);
    for (const field of fields) {
      const at = field.indexOf("=");
      out.set(`${owner}.${field.slice(0, at)}`, field.slice(at + 1));
    }
  }
  return out;
}

/** Go type names of fields that are not plain strings, lists of strings or maps of strings. */
export const GO_TYPES = parse(NAMED_STRINGS);

/** @typedef {{ list?: string, keys?: string[], map?: string, patch?: string[], patchKey?: string }} Markers */

/** @type {Map<string, Markers>} */
export const FIELD_MARKERS = new Map(
  [...parse(MARKERS)].map(([field, text]) => {
    /** @type {Markers} */
    const markers = {};
    const merge = /^merge\((\w+)\)$/.exec(text);
    if (merge !== null) return [field, { list: "map", keys: [merge[1] ?? ""], patch: ["merge"], patchKey: merge[1] ?? "" }];
    for (const part of text.split(",")) {
      const [what, value = "", keys] = part.split(":");
      if (what === "list") markers.list = value;
      if (what === "list" && keys !== undefined) markers.keys = keys.split("+");
      if (what === "map") markers.map = value;
      if (what === "patch") markers.patch = value.split("+");
      if (what === "patch" && keys !== undefined) markers.patchKey = keys;
    }
    return [field, markers];
  }),
);
