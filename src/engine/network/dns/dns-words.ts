import { decodeDns } from "./message.ts";

const MAX_SHOWN_RECORDS = 4;

/** "A? api.prod.svc.cluster.local." or "A api.prod.svc.cluster.local. → 10.96.0.20"; undefined when the payload is no DNS message. */
export function dnsSummary(payload: string): string | undefined {
  const message = decodeDns(payload);
  if (message === undefined) return undefined;
  const { name, type } = message.question;
  if (!message.isResponse) return `${type}? ${name}`;
  if (message.rcode !== "NOERROR") return `${type} ${name} → ${message.rcode}`;
  if (message.answers.length === 0) return `${type} ${name} → no data`;
  const shown = message.answers.slice(0, MAX_SHOWN_RECORDS).map((record) => (record.type === type ? record.data : `${record.type} ${record.data}`));
  const more = message.answers.length - shown.length;
  return `${type} ${name} → ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
