/**
 * What a pod's look says at a glance. Exactly one holds at a time; the three layers (phase, containers, conditions) say the rest.
 * pending: no node yet. starting: on a node, not Ready yet. ready. failing: waits in an error or back-off, or phase Failed.
 * terminating: deletion has begun. done: phase Succeeded.
 */
export type PodMeaning = "pending" | "starting" | "ready" | "failing" | "terminating" | "done";

/** What a packet's look says. */
export type PacketMeaning = "request" | "reply" | "dns" | "handshake" | "dropped";
