// Stand-in until the families are listed here: overwrite it.
export const busyboxApplets = (): readonly string[] => ["cp"];
export const coreutils = (): readonly string[] => ["cp"];
