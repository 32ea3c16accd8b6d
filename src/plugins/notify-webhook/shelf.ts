import type { Delivery } from './outbox-entries.ts';

/** How much is kept. */
export interface Room {
  readonly count: number;
  readonly bytes: number;
}

/** Something of a delivery, by its number and in the order in which it came. */
export interface Shelf<Item> {
  has(number: number): boolean;
  values(): IterableIterator<Item>;
  /** In the last place, also where it was there already. */
  put(item: Item): void;
  take(number: number): Item | undefined;
  /** The oldest that have to go, so that it has room with these bytes more. */
  tooMany(bytes: number): Item[];
}

export function createShelf<Item>(room: Room, deliveryOf: (item: Item) => Delivery): Shelf<Item> {
  const items = new Map<number, Item>();
  let bytes = 0;

  function take(number: number): Item | undefined {
    const item = items.get(number);
    if (item && items.delete(number)) bytes -= sizeOf(deliveryOf(item));
    return item;
  }

  return {
    has: number => items.has(number),
    values: () => items.values(),
    take,

    put(item) {
      const delivery = deliveryOf(item);
      take(delivery.number);
      items.set(delivery.number, item);
      bytes += sizeOf(delivery);
    },

    tooMany(more) {
      const gone: Item[] = [];
      let [count, left] = [items.size, bytes + more];
      for (const item of items.values()) {
        if (count < room.count && left <= room.bytes) break;
        gone.push(item);
        count -= 1;
        left -= sizeOf(deliveryOf(item));
      }
      return gone;
    },
  };
}

export const sizeOf = ({ body, lane }: Pick<Delivery, 'body' | 'lane'>): number =>
  Buffer.byteLength(body) + Buffer.byteLength(lane);
