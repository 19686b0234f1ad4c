// A PIN before this browser's own key. It is kept here only and slows down whoever holds this phone; it is not what
// seals the plan, and a server never gets anything by which it could be guessed.

import {Decrypter, Encrypter} from "age-encryption";
import {same} from "../format/bytes.ts";
import {Refused} from "../format/refused.ts";
import {WORK_FACTOR} from "../format/slot.ts";
import * as db from "./db.ts";
import {identityOfDevice, newDevice} from "./device.ts";
import {sealWay, takeAway} from "./keys_slots.ts";
import {adoptSlot, arrive, known, ownSlot, state, sync} from "./vault.ts";

export const TRIES = 5, DIGITS_MIN = 4;
const OUTSIDE = 64;

interface Tried {tries: number}
const triedAt = (recipient: string): string => `${recipient}/pin`;
const spentAt = (recipient: string): string => `${recipient}/spent`;

/** Whether a slot lies behind a PIN: an age file says itself that a passphrase opens it. */
const isBehindPin = (slot: Uint8Array): boolean =>
  String.fromCharCode(...slot.subarray(0, OUTSIDE)).includes("\n-> scrypt ");

export const hasPin = async (): Promise<boolean> => {
  const own = await ownSlot();
  return own !== null && isBehindPin(own.body);
};

/** How often it may still be typed wrong. */
export const triesLeft = async (): Promise<number> =>
  TRIES - ((await db.get<Tried>(triedAt(known()?.recipient ?? "")))?.tries ?? 0);

/** The gate of vault.ts: the slot as the PIN opens it, "pin" when it did not. After too many tries there is no slot. */
export const pinGate = async (slot: Uint8Array, pin: string | undefined): Promise<Uint8Array | "pin"> => {
  if (!isBehindPin(slot)) return slot;
  const recipient = known()?.recipient ?? "";
  if (pin === undefined || !recipient) return "pin";
  const tries = await counted(recipient);
  const decrypter = new Decrypter();
  decrypter.addPassphrase(pin);
  const inside = tries > TRIES ? null : await decrypter.decrypt(slot).catch(() => null);
  if (inside) {
    await db.remove(triedAt(recipient));
    return inside;
  }
  if (tries < TRIES) return "pin";
  await shutThisPhone(recipient);
  throw new Refused("not_opened");
};

/** Counted before it is tried, so that pulling the plug wins nothing; and for every page of this browser together. */
const counted = (recipient: string): Promise<number> => db.alone(async () => {
  const tries = ((await db.get<Tried>(triedAt(recipient)))?.tries ?? 0) + 1;
  await db.put(triedAt(recipient), {tries});
  return tries;
});

/** This browser's key is gone; what is sealed stays, for the seven words. */
const shutThisPhone = async (recipient: string): Promise<void> => {
  const shelf = db.shelf(recipient), own = await ownSlot();
  await db.put(spentAt(recipient), own?.id ?? "");
  for (const each of [shelf.slot, shelf.device, triedAt(recipient)]) await db.remove(each);
  await arrive();
};

/** Once the plan was opened by other means, the way of this phone that no PIN opens any more is taken from the list. */
export const forgetSpent = (): Promise<void> => {
  forgetting ??= forgetIt().finally(() => { forgetting = undefined; });
  return forgetting;
};
let forgetting: Promise<void> | undefined;

const forgetIt = async (): Promise<void> => {
  const recipient = known()?.recipient;
  const spent = recipient && state() === "open" ? await db.get<string>(spentAt(recipient)) : undefined;
  if (!recipient || spent === undefined) return;
  if (spent) await takeAway(spent);
  await db.remove(spentAt(recipient));
};

/**
 * Put a PIN before this browser's key. Its key is a fresh one, so that the file the server has of this phone is opened
 * by no key any more that lies here without a PIN. False when the server did not know of this phone yet.
 */
export const setPin = async (pin: string): Promise<boolean> => {
  await sync();
  const recipient = known()?.recipient ?? "", vault = await db.get<db.Vault>(db.shelf(recipient).vault);
  const own = await ownSlot();
  if (!vault || !own?.sent) return false;
  const device = await newDevice(), encrypter = new Encrypter();
  encrypter.setPassphrase(pin);
  encrypter.setScryptWorkFactor(WORK_FACTOR);
  const inside = await sealForDevice(device), body = await encrypter.encrypt(inside);
  const outside = new Decrypter();
  outside.addPassphrase(pin);
  if (!same(await outside.decrypt(body), inside)) throw new Error("the PIN does not open it");
  await adoptSlot(vault, device, {...own, body});
  await db.remove(triedAt(recipient));
  return true;
};

const sealForDevice = async (device: db.Device): Promise<Uint8Array> =>
  sealWay("A", {recipient: device.recipient}, {identity: await identityOfDevice(device)});

/** Open without a PIN from now on. */
export const removePin = async (): Promise<void> => {
  const shelf = db.shelf(known()?.recipient ?? ""), own = await ownSlot();
  const device = await db.get<db.Device>(shelf.device);
  if (!own || !device) return;
  await db.put(shelf.slot, {...own, body: await sealForDevice(device)});
};
