import type { ImageDefinition } from "./image-definition.ts";
import { helloFrontend, kubenginx, nginx, nginxHello, nginxSlim, nginxUnprivileged } from "./nginx/images.ts";
import { alpine, amazonlinux, bash, busybox, busyboxplus, centos, debian, fedora, noCommand, rocky, ubuntu } from "./operating-systems.ts";
import { pause } from "./pause.ts";

/** Every image with a behaviour of its own. To add one: write a file here and add it to this list. */
export const IMAGES: readonly ImageDefinition[] = [
  pause,
  busybox, busyboxplus, alpine, debian, ubuntu, bash, amazonlinux, fedora, centos, rocky, noCommand,
  nginx, nginxSlim, nginxUnprivileged, kubenginx, nginxHello, helloFrontend,
];
