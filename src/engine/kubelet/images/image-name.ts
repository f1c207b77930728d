import { parseImageReference } from "../../kinds/pod/image-reference.ts";

export type ImageName = { readonly ok: true; readonly name: string } | { readonly ok: false; readonly error: string };

const ID = /^[a-f0-9]{64}$/;

/**
 * The image name with ":latest" when it has neither tag nor digest, or what is wrong with it.
 * Source: pkg/kubelet/images/image_manager.go, applyDefaultImageTag; pkg/util/parsers/parsers.go, ParseImageName; distribution/reference, ParseNormalizedNamed.
 */
export function applyDefaultImageTag(image: string): ImageName {
  const fail = (why: string): ImageName => ({ ok: false, error: `couldn't parse image name ${JSON.stringify(image)}: ${why}` });
  const reference = parseImageReference(image);
  if (reference !== undefined) return { ok: true, name: reference.tag === "latest" && !image.endsWith(":latest") && reference.digest === "" ? `${image}:latest` : image };
  if (ID.test(image)) return fail(`invalid repository name (${image}), cannot specify 64-byte hexadecimal strings`);
  // Looked at before the rest of the reference, which may be wrong as well.
  const path = repositoryPath(image);
  if (path !== path.toLowerCase()) return fail(`invalid reference format: repository name (${path}) must be lowercase`);
  return fail("invalid reference format");
}

/** Without domain, tag and digest; official images with their "library/". */
function repositoryPath(image: string): string {
  const slash = image.indexOf("/");
  const first = image.slice(0, slash);
  const hasDomain = slash >= 0 && (/[.:]/.test(first) || first === "localhost" || first.toLowerCase() !== first);
  const path = (hasDomain ? image.slice(slash + 1) : image).replace(/[:@].*$/, "");
  return slash >= 0 ? path : `library/${path}`;
}
