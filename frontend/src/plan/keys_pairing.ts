// What two phones of one person say to each other by way of a server that neither has to trust.
// The secret goes from screen to camera alone; what the server carries is proven by it, in both directions.

import {hmac} from "@noble/hashes/hmac.js";
import {sha256} from "@noble/hashes/sha2.js";
import {hex, read, same, utf8, written} from "../format/bytes.ts";
import {comparedWords} from "../format/words.ts";

const ID_BYTES = 16;

/** The address the other phone opens. What stands behind the # no browser ever sends. */
export const addressFor = (ticket: string, secret: Uint8Array): string =>
  `${location.origin}/t/${ticket}#${written(secret)}`;

/** The secret behind the #; null when none is there. */
export const secretIn = (hash: string): Uint8Array | null =>
  /^#[\w-]{43}$/.test(hash) ? read(hash.slice(1)) : null;

/** By this the old phone knows that `recipient` was made by who has seen its screen. */
export const proofOf = (secret: Uint8Array, recipient: string): string =>
  written(hmac(sha256, secret, utf8(recipient)));

export const isProof = (secret: Uint8Array, recipient: string, proof: string): boolean =>
  same(utf8(proofOf(secret, recipient)), utf8(proof));

/** The id of the slot made for the new phone. By this it knows that the plan is the one of the phone it has seen. */
export const slotIdFor = (secret: Uint8Array, vault: string, verifyKey: string): string =>
  hex(hmac(sha256, secret, utf8(`nightlight phone slot 1\n${vault}\n${verifyKey}\n`)).subarray(0, ID_BYTES));

/** Four words that both screens show when it is this new phone, and no other that saw the screen first. */
export const wordsFor = (secret: Uint8Array, recipient: string): Promise<string[]> =>
  comparedWords(written(secret), recipient);
