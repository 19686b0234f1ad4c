// Everything of one vault follows from 32 random bytes: the age identity that opens, and the key that signs.
// Written down in docs/reference/plan-format.md; the figures in plan-vectors.json hold both sides to it.

import {ed25519} from "@noble/curves/ed25519.js";
import {hkdf} from "@noble/hashes/hkdf.js";
import {sha256} from "@noble/hashes/sha2.js";
import {bech32} from "@scure/base";
import {Decrypter, Encrypter, identityToRecipient} from "age-encryption";
import {random, utf8} from "./bytes.ts";
import {Refused} from "./refused.ts";

export const SECRET_BYTES = 32;
const OPENS = utf8("nightlight plan open 1"), SIGNS = utf8("nightlight plan sign 1");

export interface Keys {
  /** `AGE-SECRET-KEY-1…` */
  identity: string;
  /** `age1…`: what others seal to. */
  recipient: string;
  sign(bytes: Uint8Array): Uint8Array;
  /** 32 bytes: by this the signatures are checked. */
  verifyKey: Uint8Array;
}

export const newSecret = (): Uint8Array => random(SECRET_BYTES);

const derived = (secret: Uint8Array, use: Uint8Array): Uint8Array => hkdf(sha256, secret, undefined, use, 32);

/** The age identity that follows from `secret` for one `use`. */
export const identityOf = (secret: Uint8Array, use: Uint8Array): string =>
  bech32.encodeFromBytes("AGE-SECRET-KEY-", derived(secret, use)).toUpperCase();

export const keysOf = async (secret: Uint8Array): Promise<Keys> => {
  const identity = identityOf(secret, OPENS), seed = derived(secret, SIGNS);
  return {
    identity,
    recipient: await identityToRecipient(identity),
    sign: (bytes) => ed25519.sign(bytes, seed),
    verifyKey: ed25519.getPublicKey(seed),
  };
};

export const isSignedBy = (verifyKey: Uint8Array, signature: Uint8Array, bytes: Uint8Array): boolean => {
  try {
    return ed25519.verify(signature, bytes, verifyKey);
  } catch {
    return false;
  }
};

export const sealedTo = async (recipients: readonly string[], bytes: Uint8Array): Promise<Uint8Array> => {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return encrypter.encrypt(bytes);
};

/** What `file` holds for this identity: a string, or a key that never leaves the browser. Throws `Refused`. */
export const openedWith = async (identity: string | CryptoKey, file: Uint8Array): Promise<Uint8Array> => {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return decrypter.decrypt(file).catch(() => { throw new Refused("not_opened"); });
};
