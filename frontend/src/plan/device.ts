// This browser's own key. It is made in the browser and can be used in it, never taken out of it.

import {generateIdentity, identityToRecipient} from "age-encryption";
import {joined, random, text, utf8} from "../format/bytes.ts";
import type {Device} from "./db.ts";

const NONCE_BYTES = 12;

/** A fresh key of this browser. */
export const newDevice = async (): Promise<Device> => {
  try {
    const pair = await crypto.subtle.generateKey({name: "X25519"}, false, ["deriveBits"]) as CryptoKeyPair;
    return {key: pair.privateKey, recipient: await identityToRecipient(pair.privateKey)};
  } catch {
    return wrappedDevice();
  }
};

/** For browsers without X25519: an ordinary identity, lying under an AES key that cannot be taken out. */
const wrappedDevice = async (): Promise<Device> => {
  const identity = await generateIdentity(), iv = fresh(NONCE_BYTES);
  const key = await crypto.subtle.generateKey({name: "AES-GCM", length: 256}, false, ["encrypt", "decrypt"]);
  const sealed = await crypto.subtle.encrypt({name: "AES-GCM", iv}, key, fresh(utf8(identity)));
  const wrapped = fresh(joined(iv, new Uint8Array(sealed)));
  return {key, recipient: await identityToRecipient(identity), wrapped};
};

const fresh = (from: number | Uint8Array): Uint8Array<ArrayBuffer> =>
  new Uint8Array(typeof from === "number" ? random(from) : from);

/** What opens files for this browser. */
export const identityOfDevice = async ({key, wrapped}: Device): Promise<string | CryptoKey> => {
  if (!wrapped) return key;
  const iv = wrapped.slice(0, NONCE_BYTES);
  return text(new Uint8Array(await crypto.subtle.decrypt({name: "AES-GCM", iv}, key, wrapped.slice(NONCE_BYTES))));
};

/** What this browser is called among others of the same person, such as "iPhone". Names of makers need no translation. */
export const deviceName = (): string =>
  /iPhone|iPad|Android|Windows|Mac|CrOS|Linux/.exec(navigator.userAgent)?.[0] ?? "";
