import { err, ok, type Result } from "../../kernel/result.ts";
import type { RuntimeError } from "../contracts.ts";
import type { ImageReference } from "./reference.ts";

/** Registries that answer. Everything else does not resolve. */
const REGISTRIES: readonly RegExp[] = [
  /^docker\.io$/, /^registry\.k8s\.io$/, /^k8s\.gcr\.io$/, /^([a-z]+\.)?gcr\.io$/, /^quay\.io$/, /^ghcr\.io$/, /^mcr\.microsoft\.com$/, /^public\.ecr\.aws$/, /^[a-z0-9-]+-docker\.pkg\.dev$/,
  /^registry\.istio\.io$/, /^docker\.l5d\.io$/, /^docker\.elastic\.co$/, /^registry\.gitlab\.com$/, /^nvcr\.io$/, /^cr\.fluentbit\.io$/, /^lscr\.io$/, /^registry\.access\.redhat\.com$/,
  /^docker\.redpanda\.com$/, /^xpkg\.upbound\.io$/, /^cr\.l5d\.io$/, /^cr\.kuma\.io$/, /^cgr\.dev$/, /^container-registry\.oracle\.com$/, /^registry\.opensource\.zalan\.do$/, /^oci\.external-secrets\.io$/,
];

/** Names of Docker's official library beyond those that have a behaviour of their own. Source: docker-library/official-images, library/. */
export const OFFICIAL_LIBRARY: ReadonlySet<string> = new Set((
  "adminer aerospike almalinux alpine alt amazoncorretto amazonlinux api-firewall arangodb archlinux backdrop bash bonita buildpack-deps busybox caddy cassandra chronograf cirros clearlinux clefos clickhouse clojure " +
  "composer convertigo couchbase couchdb crate dart debian docker drupal eclipse-mosquitto eclipse-temurin eggdrop elasticsearch elixir emqx erlang express-gateway fedora flink fluentd friendica gazebo gcc geonetwork ghost golang " +
  "gradle groovy haproxy haskell haxe hello-world hitch httpd hylang ibm-semeru-runtimes ibmjava influxdb irssi jetty joomla jruby julia kapacitor kibana kong krakend lightstreamer liquibase logstash mageia mariadb matomo maven " +
  "mediawiki memcached mongo mongo-express monica mono mysql nats nats-streaming neo4j neurodebian nextcloud nginx node notary odoo open-liberty openjdk open-webui oraclelinux orientdb percona perl photon php php-zendserver phpmyadmin " +
  "plone postfixadmin postgres pypy python r-base rabbitmq rakudo-star redis redmine registry rethinkdb rocket.chat rockylinux ros ruby rust sapmachine satosa scratch sl solr sonarqube spark spiped storm swift swipl teamspeak telegraf " +
  "tomcat tomee traefik ubuntu unit varnish vault websphere-liberty wordpress xwiki yourls znc zookeeper"
).split(" "));

/** Projects under gcr.io and docker.pkg.dev whose images the world may read. */
const GOOGLE_PROJECTS = new Set([
  "google-samples", "google_samples", "google-containers", "google_containers", "kuar-demo", "kubernetes-e2e-test-images", "distroless", "cloud-builders", "kaniko-project", "k8s-artifacts-prod", "k8s-minikube",
  "kubernetes-helm", "knative-releases", "tekton-releases", "cloudsql-docker", "cloud-sql-connectors", "google.com", "spark-operator", "heptio-images", "linkerd-io", "istio-release", "etcd-development", "hello-minikube-zero-install",
  "cadvisor", "stackdriver-agents", "gke-release", "online-boutique-ci", "ml-pipeline", "arrikto-public", "cloud-marketplace", "projectcontour", "datadoghq", "inverting-proxy", "tfx-oss-public",
]);

/**
 * Words that people write where their own name belongs. Such repositories do not exist (or are private); a simulator that
 * ran them would hide the commonest mistake of all.
 */
const PLACEHOLDER =
  /(^|[-_./])(my|your|our|his|her|their|some|examples?|foo|bar|baz|acme|(my|your)(company|org|repo|user|name|project|app)|user-?name|dockerhub-?(user(name)?|id)|docker-?id|project-?id|non-?existing|nonexistent|does-?not-?exist|no-?such|not-?found|invalid|bogus|broken|bad|wrong|fake|dummy|private|placeholder|changeme|replace-?me|todo|xxx+|repo|image-?name|app-?name)([-_./]|$)|^(me|user)\/|^(my(?!sql)|your)[a-z0-9]|-(private|image)$/;

/** Publishers whose names are taken at their word, whatever words are in them. */
const PUBLISHERS = new Set("istio kubernetes k8s docker dockersamples hashicorp bitnami bitnamilegacy grafana prom prometheus linkerd envoyproxy cilium calico rancher jenkins argoproj mcr openzipkin elastic confluentinc apache amazon microsoft google redhat nginx nginxinc nginxdemos kodekloud nigelpoulton luksa stefanprodan traefik portainer gitlab gitpod curlimages mysql stacksimplify learnk8s dockercoins jpetazzo".split(" "));

/** Registries of one project: nobody else's images are there. */
const OWN_REGISTRIES = new Set(["registry.istio.io", "docker.l5d.io", "cr.l5d.io", "docker.elastic.co", "cr.fluentbit.io", "cr.kuma.io", "docker.redpanda.com"]);

/** registry.k8s.io's folders, and what lies at its top without a behaviour of its own here. */
const K8S_FOLDERS = new Set("sig-storage ingress-nginx autoscaling metrics-server coredns e2e-test-images kube-state-metrics prometheus-adapter dns descheduler external-dns node-problem-detector cpa kas-network-proxy dra-example-driver kueue jobset lws nfd git-sync provider-aws provider-os cluster-api gateway-api secrets-store-csi build-image networking kustomize kube-scheduler-simulator security-profiles-operator cloud-provider-aws".split(" "));
const K8S_TOP = new Set("conformance debian-base debian-iptables distroless-iptables go-runner kube-cross kubectl event-exporter fluentd-gcp fluentd-elasticsearch volume-nfs redis-slave node-problem-detector example-dns-backend example-dns-frontend elasticsearch goproxy heapster-amd64 kube-addon-manager cluster-autoscaler cloud-controller-manager cuda-vector-add git-sync kubernetes-zookeeper hyperkube addon-resizer cluster-proportional-autoscaler-amd64 k8s-dns-kube-dns-amd64 kubernetes-dashboard-amd64 ubuntu-slim test-webserver".split(" "));

/**
 * Whether a registry has this repository, and what containerd says if not.
 * Source: containerd core/remotes/docker/resolver.go and authorizer.go; client/pull.go; the texts as events show them.
 */
export function lookUpRepository(reference: ImageReference, isKnown: boolean): Result<undefined, RuntimeError> {
  if (isKnown) return ok(undefined);
  const { domain, path } = reference;
  if (!REGISTRIES.some((registry) => registry.test(domain))) return err(noSuchHost(reference));
  if (domain === "docker.io") {
    const [namespace = "", name = ""] = path.split("/");
    const exists = namespace === "library" ? OFFICIAL_LIBRARY.has(name) : PUBLISHERS.has(namespace) || !PLACEHOLDER.test(path);
    return exists ? ok(undefined) : err(accessDenied(reference));
  }
  if (domain === "registry.k8s.io" || domain === "k8s.gcr.io") {
    const slash = path.indexOf("/");
    return (slash < 0 ? K8S_TOP.has(path) : K8S_FOLDERS.has(path.slice(0, slash))) ? ok(undefined) : err(notFound(reference));
  }
  if (/gcr\.io$|pkg\.dev$/.test(domain)) {
    const known = path.split("/").some((part) => GOOGLE_PROJECTS.has(part) || part.startsWith("k8s-staging-"));
    return known ? ok(undefined) : err(forbidden(reference, `https://${domain}/v2/token`));
  }
  if (OWN_REGISTRIES.has(domain) || PUBLISHERS.has(path.split("/")[0] ?? "") || !PLACEHOLDER.test(path)) return ok(undefined);
  if (domain === "ghcr.io") return err(forbidden(reference, "https://ghcr.io/token"));
  if (domain === "quay.io") return err(resolveError(reference, `unexpected status from HEAD request to https://quay.io/v2/${path}/manifests/${reference.tag ?? reference.digest ?? "latest"}: 401 Unauthorized`));
  return err(notFound(reference));
}

/** The text of a gRPC error as the kubelet prints it in events of image pulls. */
export const rpcErrorText = (error: RuntimeError): string => `rpc error: code = ${error.code} desc = ${error.message}`;

/** The repository is there, the tag is not. */
export const notFound = (reference: ImageReference): RuntimeError => resolveError(reference, `${reference.canonical}: not found`, "NotFound");

function accessDenied(reference: ImageReference): RuntimeError {
  return resolveError(reference, "pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed");
}

function forbidden(reference: ImageReference, tokenUrl: string): RuntimeError {
  const scope = `repository%3A${reference.path.replaceAll("/", "%2F")}%3Apull`;
  return resolveError(reference, `failed to authorize: failed to fetch anonymous token: unexpected status from GET request to ${tokenUrl}?scope=${scope}&service=${reference.domain}: 403 Forbidden`);
}

function noSuchHost(reference: ImageReference): RuntimeError {
  const host = reference.domain.replace(/:\d+$/, "");
  const url = `https://${reference.domain}/v2/${reference.path}/manifests/${reference.digest ?? reference.tag ?? "latest"}`;
  if (host === "localhost" || /^127\./.test(host)) {
    const port = /:(\d+)$/.exec(reference.domain)?.[1] ?? "80";
    return resolveError(reference, `failed to do request: Head "http://${reference.domain}/v2/${reference.path}/manifests/${reference.digest ?? reference.tag ?? "latest"}": dial tcp ${host === "localhost" ? "127.0.0.1" : host}:${port}: connect: connection refused`);
  }
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return resolveError(reference, `failed to do request: Head "${url}": dial tcp ${reference.domain.includes(":") ? reference.domain : `${host}:443`}: i/o timeout`, "DeadlineExceeded");
  return resolveError(reference, `failed to do request: Head "${url}": dial tcp: lookup ${host}: no such host`);
}

function resolveError(reference: ImageReference, reason: string, code = "Unknown"): RuntimeError {
  return { code, message: `failed to pull and unpack image "${reference.canonical}": failed to resolve reference "${reference.canonical}": ${reason}` };
}
