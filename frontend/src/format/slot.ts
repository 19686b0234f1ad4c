// The slot envelope: one small file that wraps the secret of a vault for one way of opening it.
// Each way has a file of its own, so that one can be taken away alone; and age demands it of passphrases.

import {Decrypter, Encrypter, type Identity, type Recipient} from "age-encryption";
import {read, text, utf8, written} from "./bytes.ts";
import {keysOf, SECRET_BYTES} from "./keys.ts";
import {Refused} from "./refused.ts";

/** A: this device. B: a passkey. C: seven words. E: words of one's own. */
export type SlotKind = "A" | "B" | "C" | "E";

export type Lock = {passphrase: string} | {recipient: string | Recipient};
export type Unlock = {passphrase: string} | {identity: string | CryptoKey | Identity};

/** Two to the power of this: 32 MiB and 165 ms where it was measured; more is too heavy for cheap phones. */
export const WORK_FACTOR = 15;
const TITLE = "nightlight slot 1";

/** The plaintext of a slot. Four lines, so that it can be read without us. */
const envelope = (kind: SlotKind, recipient: string, secret: Uint8Array): string =>
  `${TITLE}\nkind ${kind}\nvault ${recipient}\nsecret ${written(secret)}\n`;

/** Wrap `secret` so that `lock` opens it. */
export const sealSlot = async (kind: SlotKind, secret: Uint8Array, lock: Lock): Promise<Uint8Array> => {
  const encrypter = new Encrypter();
  if ("passphrase" in lock) {
    encrypter.setPassphrase(lock.passphrase);
    encrypter.setScryptWorkFactor(WORK_FACTOR);
  } else encrypter.addRecipient(lock.recipient);
  const {recipient} = await keysOf(secret);
  return encrypter.encrypt(utf8(envelope(kind, recipient, secret)));
};

/**
 * The secret in `file`. `vault` is the recipient this browser knows the vault by; "" where it knows none yet.
 * Throws `Refused`: `not_opened` for a wrong key, `tampered` for a wrong content, `other_vault` for another's.
 */
export const openSlot = async (
  kind: SlotKind, file: Uint8Array, unlock: Unlock, vault: string,
): Promise<Uint8Array> => {
  const decrypter = new Decrypter();
  if ("passphrase" in unlock) decrypter.addPassphrase(unlock.passphrase);
  else decrypter.addIdentity(unlock.identity);
  const inside = await decrypter.decrypt(file).catch(() => { throw new Refused("not_opened"); });
  return secretIn(kind, inside, vault);
};

const secretIn = async (kind: SlotKind, inside: Uint8Array, vault: string): Promise<Uint8Array> => {
  const line = /^nightlight slot 1\nkind ([A-Z])\nvault (age1[0-9a-z]+)\nsecret ([\w-]{43})\n$/.exec(text(inside));
  if (!line || line[1] !== kind || !line[2] || !line[3]) throw new Refused("tampered");
  const secret = read(line[3]);
  if (secret.length !== SECRET_BYTES) throw new Refused("tampered");
  const {recipient} = await keysOf(secret);
  if (recipient !== line[2]) throw new Refused("tampered");
  if (vault && vault !== recipient) throw new Refused("other_vault");
  return secret;
};
