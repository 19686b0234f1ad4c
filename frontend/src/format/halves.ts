// The two-halves split: a key that opens nothing until both who hold a half agree.
// One half goes to the supporter, sealed to them; the other is kept by the server, which gives it out in a call alone.

import {random} from "./bytes.ts";
import {Refused} from "./refused.ts";

export const HALF_BYTES = 32;

/** Two halves of `key`. Each of them alone is as random as nothing. */
export const split = (key: Uint8Array, first: Uint8Array = random(HALF_BYTES)): [Uint8Array, Uint8Array] =>
  [first, join(key, first)];

/** The key of which these are the halves. Throws `Refused` unless both have 32 bytes. */
export const join = (one: Uint8Array, other: Uint8Array): Uint8Array => {
  if (one.length !== HALF_BYTES || other.length !== HALF_BYTES) throw new Refused("tampered");
  return one.map((byte, at) => byte ^ (other[at] ?? 0));
};
