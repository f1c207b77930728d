/** Which shell is being played: Debian's /bin/sh, busybox', or bash. */
export type Dialect = "dash" | "ash" | "bash";
