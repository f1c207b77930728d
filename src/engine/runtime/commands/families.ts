/** busybox' applets that people meet in containers. Those without a behaviour here say so when they are run. */
const BUSYBOX =
  "[ [[ arch ash awk base64 basename cat chgrp chmod chown clear cp cut date df dig dirname du echo egrep env expr false fgrep find fold free grep groups head hostname id kill killall ln ls md5sum mkdir mktemp mv nc nice nl nohup nproc nslookup " +
  "pgrep pidof ping pkill printenv printf ps pwd readlink realpath rev rm rmdir sed seq setsid sh sha1sum sha256sum sha512sum sleep sort stat sync sysctl tac tail tee telnet test timeout top touch tr true tty uname uniq uptime usleep watch wc wget which whoami xargs yes " +
  "httpd bc cmp cpio crond crontab dd diff dmesg ed fsync gunzip gzip hexdump ifconfig ip less logger lsof more mount mountpoint netstat od passwd paste patch ping6 route shuf split strings stty su tar traceroute tree truncate umount unzip vi whois xxd zcat";

/** GNU coreutils, findutils, grep, sed, mawk, and what else a Debian base image brings. No ps, ping, curl, wget. */
const COREUTILS =
  "[ arch awk base64 basename cat chgrp chmod chown clear cp cut date df dirname du echo egrep env expr false fgrep find fold grep groups head hostname id ln ls md5sum mkdir mktemp mv nice nl nohup nproc printenv printf pwd readlink realpath rm rmdir sed seq setsid " +
  "sha1sum sha256sum sha512sum sleep sort stat sync tac tail tee test timeout touch tr true tty uname uniq wc which whoami xargs yes " +
  "cmp comm dd diff gunzip gzip join mount od paste shuf split stty su tar truncate umount less more";

const NOT_IN_BUSYBOX = new Set(["dig"]);

export const busyboxApplets = (): readonly string[] => BUSYBOX.split(" ").filter((name) => !NOT_IN_BUSYBOX.has(name));
export const coreutils = (): readonly string[] => COREUTILS.split(" ");
