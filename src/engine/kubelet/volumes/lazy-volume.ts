import type { Volume, VolumeFile } from "../../runtime/contracts.ts";

export type VolumeFiles = Map<string, VolumeFile>;

/**
 * A volume whose files are made when somebody looks at them: most containers never read their token, and there may be 150,000 of them.
 * Containers hold on to the map, so new content goes into the same one.
 */
export class LazyVolume implements Volume {
  private made: VolumeFiles | undefined;

  constructor(readonly name: string, private build: () => VolumeFiles) {}

  get files(): VolumeFiles {
    return (this.made ??= this.build());
  }

  /** Puts new content in place of the old, as the atomic writer does. */
  replace(build: () => VolumeFiles): void {
    this.build = build;
    if (this.made === undefined) return;
    const fresh = build();
    for (const path of this.made.keys()) if (!fresh.has(path)) this.made.delete(path);
    for (const [path, file] of fresh) this.made.set(path, file);
  }

  /** As it is now, for good: a subPath mount does not see updates. */
  snapshot(): Volume {
    return new LazyVolume(this.name, this.build);
  }
}
