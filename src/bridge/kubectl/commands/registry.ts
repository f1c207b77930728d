import type { Command } from "../command.ts";
import { apiResources } from "./api-resources.ts";
import { get } from "./get.ts";
import { version } from "./version.ts";

/** Every command, in the order of `kubectl --help`. */
export const COMMANDS: readonly Command[] = [get, apiResources, version];
