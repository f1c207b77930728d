import { agnhost, dnsutils, echoserver, livenessImage, serveHostnameImage, testWebserver } from "./agnhost.ts";
import { mariadb, memcached, mongo, mysql, postgres, rabbitmq } from "./databases.ts";
import { color, helloApp, helloWorld, hpaExample, httpEcho, kiada, webappColor, whoami } from "./hello-apps.ts";
import { httpd } from "./httpd.ts";
import type { ImageDefinition } from "./image-definition.ts";
import { kuard } from "./kuard.ts";
import { curlImage, golang, node, openjdk, perlImage, python, ruby } from "./languages.ts";
import { helloFrontend, kubenginx, nginx, nginxHello, nginxSlim, nginxUnprivileged } from "./nginx/images.ts";
import { alpine, amazonlinux, bash, busybox, busyboxplus, centos, debian, fedora, noCommand, rocky, ubuntu } from "./operating-systems.ts";
import { pause } from "./pause.ts";
import { podinfo } from "./podinfo.ts";
import { oldRedis, redis } from "./redis/images.ts";
import { stress, vish } from "./stress.ts";

/** Every image with a behaviour of its own. To add one: write a file here and add it to this list. */
export const IMAGES: readonly ImageDefinition[] = [
  pause,
  busybox, busyboxplus, alpine, debian, ubuntu, bash, amazonlinux, fedora, centos, rocky, noCommand,
  nginx, nginxSlim, nginxUnprivileged, kubenginx, nginxHello, helloFrontend, httpd,
  redis, oldRedis, mysql, mariadb, postgres, mongo, rabbitmq, memcached,
  agnhost, serveHostnameImage, livenessImage, dnsutils, echoserver, testWebserver,
  helloApp, httpEcho, helloWorld, whoami, color, webappColor, hpaExample, kiada, podinfo, kuard, curlImage,
  stress, vish, perlImage, python, node, golang, openjdk, ruby,
];
