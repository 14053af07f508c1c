import { describe, expect, it } from '@jest/globals';
import { Account } from './account.js';
import { MadeUpDelivery, type Delivery } from './delivery.js';

function delivery(account: Account): Delivery {
  return new MadeUpDelivery(account, {
    sourceTon: 1,
    sourceNpi: 1,
    source: '1',
    destinationTon: 1,
    destinationNpi: 1,
    destination: '2',
    esmClass: 0,
    dataCoding: 0,
    shortMessage: '',
  });
}

function receiver(room: number): {
  got: Delivery[];
  room: number;
  readonly canDeliver: boolean;
  deliver(delivery: Delivery): void;
  flush(): void;
} {
  return {
    got: [],
    room,
    get canDeliver() {
      return this.got.length < this.room;
    },
    deliver(delivery) {
      this.got.push(delivery);
    },
    flush: () => undefined,
  };
}

function accountWith(waiting: number): { account: Account; deliveries: Delivery[] } {
  const account = new Account('id', 'secret');
  const deliveries = Array.from({ length: waiting }, () => delivery(account));
  for (const each of deliveries) account.enqueue(each);
  return { account, deliveries };
}

describe('Account', () => {
  it('keeps deliveries while nobody receives and then sends them in order', () => {
    const { account, deliveries } = accountWith(3);
    account.pump();
    expect(account.waiting).toBe(3);
    const only = receiver(10);
    account.join(only);
    account.pump();
    expect(only.got).toEqual(deliveries);
    expect(account.waiting).toBe(0);
  });

  it('shares them out round robin', () => {
    const { account } = accountWith(6);
    const [a, b] = [receiver(10), receiver(10)];
    account.join(a);
    account.join(b);
    account.pump();
    expect([a.got.length, b.got.length]).toEqual([3, 3]);
  });

  it('passes over a session whose window is full', () => {
    const { account } = accountWith(6);
    const [full, free] = [receiver(1), receiver(4)];
    account.join(full);
    account.join(free);
    account.pump();
    expect([full.got.length, free.got.length, account.waiting]).toEqual([1, 4, 1]);
  });

  it('sends nothing to a session that has left', () => {
    const { account } = accountWith(1);
    const gone = receiver(10);
    account.join(gone);
    account.leave(gone);
    account.pump();
    expect(gone.got).toEqual([]);
    expect(account.waiting).toBe(1);
  });

  it('goes on as soon as a flush has made room', () => {
    const { account } = accountWith(5);
    const one = receiver(2);
    one.flush = () => {
      one.room = one.got.length + 2;
    };
    account.join(one);
    account.pump();
    expect(one.got.length).toBe(5);
  });

  it('loses and repeats nothing when a long queue is worked off in pieces', () => {
    const { account, deliveries } = accountWith(20_000);
    const slow = receiver(0);
    account.join(slow);
    while (account.waiting > 0) {
      slow.room += 700;
      account.pump();
    }
    expect(slow.got).toEqual(deliveries);
  });
});
