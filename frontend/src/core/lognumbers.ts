/** A rising list of line numbers that grows and shrinks at both ends: search hits, rows of a filtered view. */
export class NumberDeque {
  #data = new Int32Array(64);
  #head = 32;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  at(i: number): number | undefined {
    return i >= 0 && i < this.#length ? this.#data[this.#head + i] : undefined;
  }

  push(number: number): void {
    if (this.#head + this.#length === this.#data.length) this.#grow(0);
    this.#data[this.#head + this.#length++] = number;
  }

  /** Puts rising numbers, all below the first one here, in front. */
  unshift(numbers: ArrayLike<number>): void {
    if (numbers.length > this.#head) this.#grow(numbers.length);
    this.#head -= numbers.length;
    this.#data.set(numbers, this.#head);
    this.#length += numbers.length;
  }

  /** Drops what is below `number`; returns how many. */
  dropBelow(number: number): number {
    const count = this.lowerBound(number);
    this.#head += count;
    this.#length -= count;
    return count;
  }

  /** Drops `number` and what is above; returns how many. */
  dropFrom(number: number): number {
    const keep = this.lowerBound(number);
    const count = this.#length - keep;
    this.#length = keep;
    return count;
  }

  /** The place of the first entry that is not below `number`. */
  lowerBound(number: number): number {
    let low = 0;
    let high = this.#length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#data[this.#head + middle] as number) < number) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  has(number: number): boolean {
    return this.at(this.lowerBound(number)) === number;
  }

  clear(): void {
    this.#head = this.#data.length >> 1;
    this.#length = 0;
  }

  #grow(front: number): void {
    const size = 2 * (this.#length + front) + 64;
    const data = new Int32Array(size);
    const head =
      front > 0 ? (size - this.#length + front) >> 1 : Math.min(this.#head, (size - this.#length) >> 1);
    data.set(this.#data.subarray(this.#head, this.#head + this.#length), head);
    this.#data = data;
    this.#head = head;
  }
}
