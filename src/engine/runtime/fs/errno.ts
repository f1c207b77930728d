/** Why a file or process call failed, as the kernel names it. */
export type Errno =
  | "ENOENT" | "ENOTDIR" | "EISDIR" | "EACCES" | "EEXIST" | "ENOTEMPTY" | "EROFS" | "ENOSPC" | "ELOOP" | "EBUSY"
  | "ENAMETOOLONG" | "EXDEV" | "EPERM" | "EINVAL" | "EBADF" | "EPIPE" | "ENOEXEC" | "ESRCH" | "EAGAIN" | "EMFILE" | "EFBIG";

/** Source: glibc and musl strerror; the two agree on these. */
const TEXTS: { readonly [E in Errno]: string } = {
  ENOENT: "No such file or directory",
  ENOTDIR: "Not a directory",
  EISDIR: "Is a directory",
  EACCES: "Permission denied",
  EEXIST: "File exists",
  ENOTEMPTY: "Directory not empty",
  EROFS: "Read-only file system",
  ENOSPC: "No space left on device",
  ELOOP: "Too many levels of symbolic links",
  EBUSY: "Device or resource busy",
  ENAMETOOLONG: "File name too long",
  EXDEV: "Invalid cross-device link",
  EPERM: "Operation not permitted",
  EINVAL: "Invalid argument",
  EBADF: "Bad file descriptor",
  EPIPE: "Broken pipe",
  ENOEXEC: "Exec format error",
  ESRCH: "No such process",
  EAGAIN: "Resource temporarily unavailable",
  EMFILE: "Too many open files",
  EFBIG: "File too large",
};

export const errnoText = (errno: Errno): string => TEXTS[errno];
