export type ProbeType = "Liveness" | "Readiness" | "Startup";

/** What stands for a container: "Unknown" until a startup probe has decided. */
export type ProbeResult = "Success" | "Failure" | "Unknown";
