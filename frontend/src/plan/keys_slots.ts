// The ways to open the plan that are not this browser itself: seven words, a passphrase of one's own, passkeys.
// A new one is kept here sealed until the server has it, so that no word is asked for twice because of a bad line.

import {read, written} from "../format/bytes.ts";
import {newId} from "../format/part.ts";
import type {SlotKind} from "../format/slot.ts";
import {type All, Answered, Offline, send} from "./api.ts";
import * as db from "./db.ts";
import {all, known, sync} from "./vault.ts";

export type Listed = All["slots"][number];
interface Waiting {
  id: string;
  kind: SlotKind;
  body: Uint8Array;
  /** The ids whose place it takes. Those that came later are not among them. */
  replaces: string[];
}
const NOT_FOUND = 404, LAST = 409;

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
  const id = newId(), before = kind === "C" || kind === "E" ? await replacedBy(kind) : [];
  const slot: Waiting = {id, kind, body, replaces: [...new Set(before)]};
  await db.put(onShelf(`door/${id}`), slot);
  return sendWaiting();
};

/** What new words, or a new passphrase, take the place of: also those that are still on their way, which are not sent any more. */
const replacedBy = async (kind: SlotKind): Promise<string[]> => {
  const unsent = (await readWaiting()).filter((each) => each.kind === kind);
  for (const {id} of unsent) await db.remove(onShelf(`door/${id}`));
  return [...listed(kind).map(({id}) => id), ...unsent.flatMap(({id, replaces}) => [id, ...replaces])];
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
  if (!(await readWaiting()).length && !(await db.names(onShelf("old/"))).length) return true;
  // The server has to know of the plan first.
  const result = await sync();
  if (result === "offline" || result === "signed_out") return false;
  try {
    for (const slot of await readWaiting()) await sendOne(slot);
    for (const id of await db.under<string>(onShelf("old/"))) await takeOld(id);
  } catch (error) {
    if (error instanceof Offline) return false;
    throw error;
  }
  await readWaiting();
  await sync();
  return true;
};

/** Once the server has it, it is never sent again: newer ones may have taken its place by then. */
const sendOne = async ({id, kind, body, replaces}: Waiting): Promise<void> => {
  if (!await db.get(onShelf(`door/${id}`))) return;
  await send("PUT", `/plan/slots/${id}`, {kind, label: "", body: written(body)});
  for (const old of replaces) await db.put(onShelf(`old/${old}`), old);
  await db.remove(onShelf(`door/${id}`));
};

const takeOld = async (id: string): Promise<void> => {
  try {
    await takeAway(id);
  } catch (error) {
    // It is the last one by now, so it stays.
    if (!(error instanceof Answered) || error.status !== LAST) throw error;
  }
  await db.remove(onShelf(`old/${id}`));
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
