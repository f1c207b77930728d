import { err, ok, type Result } from "../../kernel/result.ts";

/** A normalised image name. */
export interface ImageReference {
  /** "docker.io", "registry.k8s.io", "localhost:5000" */
  readonly domain: string;
  /** "library/nginx" */
  readonly path: string;
  /** "docker.io/library/nginx" */
  readonly repository: string;
  readonly tag: string | undefined;
  /** "sha256:…" */
  readonly digest: string | undefined;
  /** With the tag that is meant: "docker.io/library/nginx:latest". */
  readonly canonical: string;
}

/** Source: distribution/reference, reference.go and regexp.go. */
const DOMAIN = /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^\w[\w.-]{0,127}$/;
const DIGEST = /^[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}$/;
const NAME_LIMIT = 255;

/**
 * Reads an image name as the kubelet does before a pull. The error is Go's own: "invalid reference format".
 * Source: pkg/util/parsers/parsers.go ParseImageName; distribution/reference normalize.go ParseNormalizedNamed.
 */
export function parseImageReference(text: string): Result<ImageReference, string> {
  if (/^[a-f0-9]{64}$/.test(text)) return err(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`);
  const slash = text.indexOf("/");
  const head = slash < 0 ? "" : text.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:]/.test(head) || head === "localhost" || head.toLowerCase() !== head);
  let domain = hasDomain ? head : "docker.io";
  let rest = hasDomain ? text.slice(slash + 1) : text;
  if (domain === "index.docker.io") domain = "docker.io";
  if (domain === "docker.io" && !rest.includes("/")) rest = `library/${rest}`;
  const firstColon = rest.indexOf(":");
  const remote = firstColon < 0 ? rest : rest.slice(0, firstColon);
  if (remote.toLowerCase() !== remote) return err(`invalid reference format: repository name (${remote}) must be lowercase`);
  const at = rest.indexOf("@");
  const digest = at < 0 ? undefined : rest.slice(at + 1);
  const named = at < 0 ? rest : rest.slice(0, at);
  const colon = named.lastIndexOf(":");
  const hasTag = colon > named.lastIndexOf("/");
  const path = hasTag ? named.slice(0, colon) : named;
  const tag = hasTag ? named.slice(colon + 1) : undefined;
  if (!DOMAIN.test(domain) || !path.split("/").every((part) => COMPONENT.test(part))) return err("invalid reference format");
  if ((tag !== undefined && !TAG.test(tag)) || (digest !== undefined && !DIGEST.test(digest))) return err("invalid reference format");
  if (digest !== undefined && !/^sha256:[0-9a-f]{64}$|^sha512:[0-9a-f]{128}$|^sha384:[0-9a-f]{96}$/.test(digest)) return err(/^sha(256|384|512):/.test(digest) ? "invalid checksum digest length" : "unsupported digest algorithm");
  const repository = `${domain}/${path}`;
  if (repository.length > NAME_LIMIT) return err("repository name must not be more than 255 characters");
  // Source: containerd pkg/reference, ParseDockerRef: a digest makes the tag beside it meaningless.
  const meant = digest === undefined ? (tag ?? "latest") : undefined;
  return ok({ domain, path, repository, tag: meant, digest, canonical: digest === undefined ? `${repository}:${meant}` : `${repository}@${digest}` });
}

/**
 * What the kubelet says about a name that cannot be one: event InspectFailed and waiting reason InvalidImageName.
 * Source: pkg/kubelet/images/image_manager.go applyDefaultImageTag.
 */
export const invalidImageNameMessage = (image: string, problem: string): string => `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${problem}`;
