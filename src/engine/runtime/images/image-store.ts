import type { Cancel, Clock } from "../../kernel/clock.ts";
import { err, ok, type Result } from "../../kernel/result.ts";
import type { Rng } from "../../kernel/rng.ts";
import { msToUs, US_PER_SECOND } from "../../kernel/time.ts";
import type { PulledImage, PullProgress, RuntimeError } from "../contracts.ts";
import type { CatalogImage, ImageCatalog } from "./catalog.ts";
import { parseImageReference } from "./reference.ts";

const TICK_US = msToUs(200);
/** Source: containerd's default max_concurrent_downloads. */
const MAX_PARALLEL_LAYERS = 3;
/** Differs: unpacking is one wait after the download; containerd unpacks layer by layer meanwhile. */
const UNPACK_BYTES_PER_SECOND = 180_000_000;

interface StoredImage {
  readonly pulled: PulledImage;
  readonly image: CatalogImage;
}

/** The images and layers on one node, and the pulls that bring them. */
export class ImageStore {
  private readonly byName = new Map<string, StoredImage>();
  /** Layer digest → how many images use it. */
  private readonly layers = new Map<string, number>();
  private active = 0;
  private pulls = 0;
  private readonly clock: Clock;
  private readonly rng: Rng;
  private readonly catalog: ImageCatalog;
  private readonly nodeName: string;
  private readonly bytesPerSecond: number;

  constructor(clock: Clock, rng: Rng, catalog: ImageCatalog, nodeName: string) {
    this.clock = clock;
    this.rng = rng;
    this.catalog = catalog;
    this.nodeName = nodeName;
    this.bytesPerSecond = rng.fork("bandwidth").between(20_000_000, 60_000_000);
  }

  /** By name, tag or digest. */
  find(name: string): StoredImage | undefined {
    const reference = parseImageReference(name);
    return reference.ok ? this.byName.get(reference.value.canonical) : undefined;
  }

  /** In the order in which they came. */
  list(): readonly PulledImage[] {
    return [...this.byName.values()].map((stored) => stored.pulled);
  }

  /** A layer stays while another image needs it. */
  remove(name: string): void {
    const reference = parseImageReference(name);
    const stored = reference.ok ? this.byName.get(reference.value.canonical) : undefined;
    if (!reference.ok || stored === undefined) return;
    this.byName.delete(reference.value.canonical);
    for (const { digest } of stored.image.layers) {
      const users = (this.layers.get(digest) ?? 1) - 1;
      if (users === 0) this.layers.delete(digest);
      else this.layers.set(digest, users);
    }
  }

  /** Puts an image there without a download: images that a machine is born with. */
  preload(name: string): Result<PulledImage, RuntimeError> {
    const reference = parseImageReference(name);
    if (!reference.ok) return err({ code: "InvalidArgument", message: reference.error });
    const image = this.catalog.resolve(reference.value);
    return image.ok ? ok(this.keep(reference.value.canonical, image.value)) : image;
  }

  pull(name: string, progress: (progress: PullProgress) => void, done: (result: Result<PulledImage, RuntimeError>) => void): Cancel {
    const reference = parseImageReference(name);
    const rng = this.rng.fork(`pull ${this.pulls++} ${name}`);
    const label = `containerd ${this.nodeName}: pull ${name}`;
    if (!reference.ok) return this.clock.after(msToUs(1), label, () => done(err({ code: "InvalidArgument", message: `failed to parse image reference "${name}": ${reference.error}` })));
    let downloading = false;
    const finish = (image: CatalogImage): void => {
      if (downloading) this.active -= 1;
      downloading = false;
      done(ok(this.keep(reference.value.canonical, image)));
    };
    // A token, the manifest list, the manifest and the configuration: three or four round trips.
    let cancel = this.clock.after(msToUs(rng.between(350, 900)), `${label}: resolve`, () => {
      const image = this.catalog.resolve(reference.value);
      if (!image.ok) done(image);
      else if (image.value.layers.every((layer) => this.layers.has(layer.digest))) finish(image.value);
      else {
        downloading = true;
        this.active += 1;
        cancel = this.download(name, image.value, rng, progress, label, () => finish(image.value));
      }
    });
    return () => {
      if (downloading) this.active -= 1;
      downloading = false;
      cancel();
    };
  }

  private download(name: string, image: CatalogImage, rng: Rng, progress: (progress: PullProgress) => void, label: string, done: () => void): Cancel {
    const layers = image.layers.map((layer) => ({ digest: layer.digest, totalBytes: layer.bytes, cached: this.layers.has(layer.digest), bytes: this.layers.has(layer.digest) ? layer.bytes : 0 }));
    const missingBytes = layers.reduce((sum, layer) => sum + layer.totalBytes - layer.bytes, 0);
    const report = (): void => progress({ image: name, bytes: layers.reduce((sum, layer) => sum + layer.bytes, 0), totalBytes: image.sizeBytes, layers: layers.map((layer) => ({ ...layer })) });
    let cancel: Cancel = () => {};
    const tick = (): void => {
      // Others that pull at the same time take their share of the line, and the line is not always equally good.
      const rate = (this.bytesPerSecond / Math.max(1, this.active)) * (0.8 + rng.unit() * 0.4);
      let left = (rate * TICK_US) / US_PER_SECOND;
      for (;;) {
        const open = layers.filter((layer) => layer.bytes < layer.totalBytes).slice(0, MAX_PARALLEL_LAYERS);
        if (open.length === 0 || left < 1) break;
        const share = left / open.length;
        for (const layer of open) {
          const bytes = Math.min(Math.ceil(share), layer.totalBytes - layer.bytes);
          layer.bytes += bytes;
          left -= bytes;
        }
      }
      report();
      const finished = layers.every((layer) => layer.bytes >= layer.totalBytes);
      cancel = finished ? this.clock.after((missingBytes / UNPACK_BYTES_PER_SECOND) * US_PER_SECOND, `${label}: unpack`, done) : this.clock.after(TICK_US, `${label}: layers arrive`, tick);
    };
    cancel = this.clock.after(TICK_US, `${label}: layers arrive`, tick);
    return () => cancel();
  }

  private keep(canonical: string, image: CatalogImage): PulledImage {
    const known = this.byName.get(canonical);
    if (known !== undefined && known.image === image) return known.pulled;
    if (known !== undefined) this.remove(canonical);
    const pulled: PulledImage = { name: canonical, id: `${image.config.repository}@${image.digest}`, sizeBytes: image.sizeBytes, ...(image.config.user === "" ? {} : { user: image.config.user }) };
    this.byName.set(canonical, { pulled, image });
    for (const { digest } of image.layers) this.layers.set(digest, (this.layers.get(digest) ?? 0) + 1);
    return pulled;
  }
}
