/** A member of a map whose keys users choose: "constructor" is in it only when somebody wrote it there. */
export const own = <T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined => (map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined);
