/** Gives the smallest free whole numbers from 0 and takes them back: places that stay put while others come and go. */
export class Slots {
  private readonly taken: boolean[] = [];
  private firstFree = 0;

  take(): number {
    const slot = this.firstFree;
    this.taken[slot] = true;
    while (this.taken[this.firstFree] === true) this.firstFree += 1;
    return slot;
  }

  /** Takes exactly this one; false when somebody has it. */
  claim(slot: number): boolean {
    if (this.taken[slot] === true) return false;
    for (let i = this.taken.length; i < slot; i += 1) this.taken[i] = false;
    this.taken[slot] = true;
    while (this.taken[this.firstFree] === true) this.firstFree += 1;
    return true;
  }

  free(slot: number): void {
    this.taken[slot] = false;
    while (this.taken.length > 0 && this.taken.at(-1) !== true) this.taken.pop();
    this.firstFree = Math.min(this.firstFree, slot, this.taken.length);
  }

  /** One more than the highest slot in use. */
  get count(): number {
    return this.taken.length;
  }
}
