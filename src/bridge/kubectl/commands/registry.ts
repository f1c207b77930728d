import type { Command } from "../command.ts";
import { apiResources } from "./api-resources.ts";
import { apply } from "./apply.ts";
import { create } from "./create.ts";
import { deleteCommand } from "./delete.ts";
import { describe } from "./describe.ts";
import { exec } from "./exec.ts";
import { get } from "./get.ts";
import { logs } from "./logs.ts";
import { version } from "./version.ts";

/** Every command, in the order of `kubectl --help`. */
export const COMMANDS: readonly Command[] = [create, get, deleteCommand, describe, logs, exec, apply, apiResources, version];
