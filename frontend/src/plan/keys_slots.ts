// The ways to open the plan that are not this browser itself: seven words, a passphrase of one's own, passkeys.
// A new one is kept here sealed until the server has it, so that no word is asked for twice because of a bad line.

import {read, written} from "../format/bytes.ts";
import {newId} from "../format/part.ts";
import type {SlotKind} from "../format/slot.ts";
import {type All, Answered, Offline, send} from "./api.ts";
import * as db from "./db.ts";
import {all, known, sync} from "./vault.ts";

export type Listed = All["slots"][number];
interface Waiting {id: string; kind: SlotKind; body: Uint8Array}
const NOT_FOUND = 404;

/** Those of this kind that the server has. */
export const listed = (...kinds: SlotKind[]): Listed[] =>
  (all()?.slots ?? []).filter(({kind}) => (kinds as string[]).includes(kind));

/** Whether something opens the plan when every phone is lost. */
export const isKeptElsewhere = (): boolean => listed("C", "E").length > 0;

/** Whether it was the server or the line that failed, and not this page. */
export const isOfServer = (error: unknown): boolean => error instanceof Offline || error instanceof Answered;

export const fileOf = (slot: Listed): Uint8Array => read(slot.body);

/** A place of this room's own on the shelf of the vault; it goes when the plan is taken away here. */
export const onShelf = (name: string): string => `${known()?.recipient ?? ""}/${name}`;

/** Keep the slot, and send it. False when there was no line: then it is sent later. */
export const addSlot = async (kind: SlotKind, body: Uint8Array): Promise<boolean> => {
  const slot: Waiting = {id: newId(), kind, body};
  await db.put(onShelf(`door/${slot.id}`), slot);
  return sendWaiting();
};

let sending: Promise<boolean> | undefined;

/** Send what waits. False when some of it still does. */
export const sendWaiting = (): Promise<boolean> => {
  sending ??= sendAll().finally(() => { sending = undefined; });
  return sending;
};

/** Kinds of which one waits to be sent. */
let waiting: string[] = [];
export const isWaiting = (...kinds: SlotKind[]): boolean => waiting.some((kind) => (kinds as string[]).includes(kind));

const readWaiting = async (): Promise<Waiting[]> => {
  const found = known() ? await db.under<Waiting>(onShelf("door/")) : [];
  waiting = found.map(({kind}) => kind);
  return found;
};

const sendAll = async (): Promise<boolean> => {
  if (!(await readWaiting()).length) return true;
  // The server has to know of the plan first.
  const result = await sync();
  if (result === "offline" || result === "signed_out") return false;
  for (const slot of await readWaiting()) {
    try {
      await send("PUT", `/plan/slots/${slot.id}`, {kind: slot.kind, label: "", body: written(slot.body)});
    } catch (error) {
      if (error instanceof Offline) return false;
      throw error;
    }
    await takeOld(slot);
    await db.remove(onShelf(`door/${slot.id}`));
  }
  await readWaiting();
  await sync();
  return true;
};

/** New words take the place of the old ones. */
const takeOld = async ({id, kind}: Waiting): Promise<void> => {
  if (kind !== "C" && kind !== "E") return;
  for (const old of listed(kind)) if (old.id !== id) await takeAway(old.id);
};

/** The server forgets the slot. `isLast`: the person knows that it is the last one that no lost phone takes away. */
export const takeAway = async (id: string, isLast = false): Promise<void> => {
  try {
    await send("DELETE", `/plan/slots/${id}${isLast ? "?last=yes" : ""}`);
  } catch (error) {
    // Somebody else took it away already.
    if (!(error instanceof Answered) || error.status !== NOT_FOUND) throw error;
  }
};
