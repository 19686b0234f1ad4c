// One sealed page: what somebody wrote, signed and numbered inside, and as long as many others.
// Signature, length, words, and zeros up to the next size; so a size tells nothing but a rough length.

import {joined, text, utf8} from "./bytes.ts";
import {isSignedBy, type Keys} from "./keys.ts";
import {Refused} from "./refused.ts";

export const SIZES = [1024, 2048, 4096, 8192, 16384, 32768] as const;
const SIGNATURE_BYTES = 64, LENGTH_BYTES = 4;

/** What a signature is for, so that one made for one thing is worth nothing for another. */
export type Use = "part" | "share" | "settings";
const signed = (use: Use, body: Uint8Array): Uint8Array => joined(utf8(`nightlight ${use} 1\0`), body);

/** The bytes to seal. Throws `Refused` when they are more than one page holds. */
export const pack = (use: Use, content: unknown, keys: Keys): Uint8Array => {
  const body = utf8(JSON.stringify(content));
  const needed = SIGNATURE_BYTES + LENGTH_BYTES + body.length;
  const size = SIZES.find((each) => each >= needed);
  if (size === undefined) throw new Refused("too_long");
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, body.length);
  return joined(keys.sign(signed(use, body)), length, body, new Uint8Array(size - needed));
};

/** What was packed by the holder of `verifyKey` for this `use`. Throws `Refused` when it was not. */
export const unpack = (use: Use, page: Uint8Array, verifyKey: Uint8Array): unknown => {
  const start = SIGNATURE_BYTES + LENGTH_BYTES;
  if (page.length < start) throw new Refused("tampered");
  const length = new DataView(page.buffer, page.byteOffset).getUint32(SIGNATURE_BYTES);
  const body = page.subarray(start, start + length);
  const isWhole = body.length === length && page.subarray(start + length).every((byte) => byte === 0);
  if (!isWhole || !isSignedBy(verifyKey, page.subarray(0, SIGNATURE_BYTES), signed(use, body)))
    throw new Refused("tampered");
  return JSON.parse(text(body));
};
