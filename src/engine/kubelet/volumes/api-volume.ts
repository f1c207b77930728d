import type { KubeObject } from "../../apimachinery/object.ts";
import { assert } from "../../kernel/assert.ts";
import type { SimTimeUs } from "../../kernel/time.ts";
import type { PodObject, Volume as VolumeSource } from "../../kinds/generated/types.ts";
import type { Volume } from "../../runtime/contracts.ts";
import { filesOf, type PayloadInput, payloadOf, type VolumeFiles } from "./payload.ts";

/** Whose volume it is; always the newest version. */
export interface VolumeOwner {
  readonly pod: PodObject;
}

/** What all API volumes of a node have in common. */
export type PayloadSettings = Omit<PayloadInput, "pod" | "source" | "objects" | "mountedUs">;

/**
 * A volume whose files come from API objects. They are made when somebody looks: most containers never read their token, and there may
 * be 150,000 of them. Containers hold on to the map, so new content goes into the same one.
 */
export class ApiVolume implements Volume {
  private made: VolumeFiles | undefined;

  constructor(
    private readonly source: VolumeSource,
    private readonly owner: VolumeOwner,
    private readonly settings: PayloadSettings,
    private objects: readonly KubeObject[],
    private mountedUs: SimTimeUs,
  ) {}

  get name(): string {
    return this.source.name;
  }

  get files(): VolumeFiles {
    return (this.made ??= this.build());
  }

  /** Puts new content in place of the old, as the atomic writer does. */
  refresh(objects: readonly KubeObject[], nowUs: SimTimeUs): void {
    this.objects = objects;
    this.mountedUs = nowUs;
    if (this.made === undefined) return;
    const fresh = this.build();
    for (const path of this.made.keys()) if (!fresh.has(path)) this.made.delete(path);
    for (const [path, file] of fresh) this.made.set(path, file);
  }

  /** As it is now, for good: a subPath mount does not see updates. */
  snapshot(): Volume {
    return new ApiVolume(this.source, this.owner, this.settings, this.objects, this.mountedUs);
  }

  private build(): VolumeFiles {
    const { source, objects, mountedUs } = this;
    const payload = payloadOf({ ...this.settings, pod: this.owner.pod, source, objects, mountedUs });
    assert(payload.ok, "a volume is only mounted with sources that can be read");
    return filesOf(payload.value, mountedUs);
  }
}
