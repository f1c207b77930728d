import type { Command } from "./contracts.ts";

type WithoutTime<T> = T extends unknown ? Omit<T, "atUs"> : never;
export type CommandInput = WithoutTime<Command>;

/** Every outside input with its simulated time: with the options, all that a run is made of. */
export class CommandLog {
  private readonly commands: Command[] = [];

  record(atUs: number, command: CommandInput): void {
    this.commands.push({ atUs, ...command } as Command);
  }

  all(): readonly Command[] {
    return this.commands;
  }
}

/** Reads change nothing, so they are not part of a run. */
export const isRead = (method: string): boolean => method === "GET" || method === "HEAD" || method === "OPTIONS";
