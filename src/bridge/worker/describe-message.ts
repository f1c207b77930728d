import type { PageMessage } from "../protocol/messages.ts";

/** A command in a few words, for crash reports. */
export function describeMessage(message: PageMessage): string {
  switch (message.type) {
    case "request": return `${message.request.method} ${message.request.path}`;
    case "call": return message.call.name === "send" ? `send to ${message.call.args.to}` : message.call.name;
    case "clock": return message.action.do;
    case "exec": case "attach": return `${message.type} ${message.pod}: ${message.argv.join(" ")}`;
    default: return message.type;
  }
}
