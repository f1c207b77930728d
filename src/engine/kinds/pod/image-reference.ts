export interface ImageReference {
  /** "docker.io/library/nginx" */
  readonly repository: string;
  /** "latest" when neither a tag nor a digest is given; "" with a digest only. */
  readonly tag: string;
  /** "sha256:…" or "". */
  readonly digest: string;
}

const DOMAIN = "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?";
const COMPONENT = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const REFERENCE = new RegExp(`^(${DOMAIN}/${COMPONENT}(?:/${COMPONENT})*)(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`);
const IDENTIFIER = /^[a-f0-9]{64}$/;
const MAX_NAME = 255;
/** Longer texts are no image names; a pasted megabyte stays cheap. */
const MAX_TEXT = 4_096;

/**
 * Reads an image name as container runtimes do; undefined when it is malformed (InvalidImageName).
 * Source: pkg/util/parsers/parsers.go, ParseImageName; github.com/distribution/reference, ParseNormalizedNamed.
 */
export function parseImageReference(image: string): ImageReference | undefined {
  if (image.length > MAX_TEXT || IDENTIFIER.test(image)) return undefined;
  const slash = image.indexOf("/");
  const first = image.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const domain = !hasDomain ? "docker.io" : first === "index.docker.io" ? "docker.io" : first;
  const rest = hasDomain ? image.slice(slash + 1) : image;
  const remainder = domain === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest;
  const match = REFERENCE.exec(`${domain}/${remainder}`);
  if (match === null) return undefined;
  const [, repository = "", tag = "", digest = ""] = match;
  if (repository.length > MAX_NAME) return undefined;
  return { repository, digest, tag: tag === "" && digest === "" ? "latest" : tag };
}

/** Always for the tag latest, given or implied; IfNotPresent otherwise, malformed names included. Source: pkg/apis/core/v1/defaults.go, SetDefaults_Container. */
export const defaultPullPolicy = (image: string): string => (parseImageReference(image)?.tag === "latest" ? "Always" : "IfNotPresent");
