const DOMAIN_COMPONENT = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const DOMAIN = `(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[(?:[a-fA-F0-9:]+)\\])(?::[0-9]+)?`;
const PATH_COMPONENT = "[a-z0-9]+(?:(?:[._]|__|[-]+)[a-z0-9]+)*";
const NAME = `(?:${DOMAIN}/)?${PATH_COMPONENT}(?:/${PATH_COMPONENT})*`;
const REFERENCE = new RegExp(`^(${NAME})(?::(\\w[\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`);
const ID = /^[a-f0-9]{64}$/;
const MAX_NAME = 255;

export type ImageName = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly error: string };

/**
 * The image name with ":latest" when it has neither tag nor digest, or what is wrong with it.
 * Source: pkg/util/parsers/parsers.go, ParseImageName; pkg/kubelet/images/image_manager.go, applyDefaultImageTag; distribution/reference, ParseNormalizedNamed.
 */
export function applyDefaultImageTag(image: string): ImageName {
  const fail = (why: string): ImageName => ({ ok: false, error: `couldn't parse image name ${JSON.stringify(image)}: ${why}` });
  if (ID.test(image)) return fail(`invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`);
  const normalized = normalize(image);
  const found = REFERENCE.exec(normalized);
  if (found === null) {
    if (image === "") return fail("invalid reference format");
    return fail(isUpperCaseOnly(normalized) ? `invalid reference format: repository name (${remainderOf(normalized)}) must be lowercase` : "invalid reference format");
  }
  if ((found[1] ?? "").length > MAX_NAME) return fail(`repository name must not be more than ${MAX_NAME} characters`);
  const hasTag = found[2] !== undefined || found[3] !== undefined;
  return { ok: true, name: hasTag ? image : `${image}:latest` };
}

/** Adds docker.io and library/, as the parser does before it looks at the name. */
function normalize(image: string): string {
  const slash = image.indexOf("/");
  const first = slash === -1 ? "" : image.slice(0, slash);
  const isDomain = first !== "" && (/[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase());
  if (isDomain) return image;
  return slash === -1 ? `docker.io/library/${image}` : `docker.io/${image}`;
}

const remainderOf = (normalized: string): string => {
  const rest = normalized.slice(normalized.indexOf("/") + 1);
  return rest.replace(/[:@].*$/, "").replace(/^library\//, "library/");
};

/** Right but for capital letters in the repository. */
const isUpperCaseOnly = (normalized: string): boolean => {
  const rest = remainderOf(normalized);
  return rest !== rest.toLowerCase() && REFERENCE.test(normalized.toLowerCase());
};
