import { type FileTable, withDevices } from "../file-table.ts";
import type { LayerSpec } from "../image-definition.ts";

export const distrolessLayers: readonly LayerSpec[] = [
  { name: "distroless-static:base", bytes: 104_000 },
  { name: "distroless-static:tzdata", bytes: 385_000 },
  { name: "distroless-static:certs", bytes: 188_000 },
];

/** No shell, no tools: exec finds nothing. Source: GoogleContainerTools/distroless, static-debian12. */
export const distrolessFiles = (): FileTable =>
  withDevices()
    .text("etc/os-release", 'PRETTY_NAME="Distroless"\nNAME="Debian GNU/Linux"\nID="debian"\nVERSION_ID="12"\nVERSION="Debian GNU/Linux 12 (bookworm)"\nHOME_URL="https://github.com/GoogleContainerTools/distroless"\n')
    .text("etc/passwd", "root:x:0:0:root:/root:/sbin/nologin\nnobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n")
    .text("etc/group", "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n")
    .text("etc/ssl/certs/ca-certificates.crt", "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n")
    .dir("home/nonroot", 0o700, 65_532, 65_532);

/** Nothing at all but one binary. */
export const scratchFiles = (): FileTable => withDevices();
