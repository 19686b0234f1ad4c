// The ways to open the plan that are not this browser itself: seven words, a passphrase of one's own, passkeys.
// A new one is kept here sealed until the server has it, so that no word is asked for twice because of a bad line.

import {read, same, written} from "../format/bytes.ts";
import {keysOf} from "../format/keys.ts";
import {newId} from "../format/part.ts";
import {type Lock, openSlot, sealSlot, type SlotKind, type Unlock} from "../format/slot.ts";
import {type All, Answered, Offline, send} from "./api.ts";
import * as db from "./db.ts";
import {all, keys, known, part, save, secret, state, sync} from "./vault.ts";

export type Listed = All["slots"][number];
interface Waiting {
  id: string;
  kind: SlotKind;
  body: Uint8Array;
  /** The ids whose place it takes. Those that came later are not among them. */
  replaces: string[];
}
const NOT_FOUND = 404, LAST = 409;

/** What lies here for a night without a network, when a PIN was forgotten: sealed files that typed words open. */
let typed: Listed[] = [];

/** Those of this kind that the server has; while it has told nothing, those of them that lie here. */
export const listed = (...kinds: SlotKind[]): Listed[] =>
  (all()?.slots ?? typed).filter(({kind}) => (kinds as string[]).includes(kind));

/** Read what lies here of the ways that open by typing. */
export const readTyped = async (): Promise<void> => {
  typed = known() && await db.get<Listed[]>(onShelf("typed")) || [];
};

/** Keep here what opens by typing, as the server has it. */
export const keepTyped = async (): Promise<void> => {
  if (state() !== "open" || !all()) return;
  const now = listed("C", "E"), at = onShelf("typed");
  if (JSON.stringify(now) === JSON.stringify(await db.get(at))) return;
  await db.put(at, now);
  typed = now;
};

// A server could list a way that was never made. So those that were made, or have opened the plan, are noted in it.
const noted = (name: "lasting" | "replaced"): string[] => {
  const ids = part("settings")?.more?.[name];
  return Array.isArray(ids) ? ids.map(String) : [];
};

const note = async (lasting: string[], replaced: string[] = []): Promise<void> => {
  const more = {
    lasting: [...new Set([...noted("lasting"), ...lasting])].filter((id) => !replaced.includes(id)),
    replaced: [...new Set([...noted("replaced"), ...replaced])],
  };
  await save("settings", {more: {...part("settings")?.more, ...more}});
};

/** Words that opened the plan are known to do so. */
export const noteOpened = async ({id}: Listed): Promise<void> => {
  if (!noted("lasting").includes(id)) await note([id]);
};

/** Whether something opens the plan when every phone is lost. */
export const isKeptElsewhere = (): boolean => listed("C", "E").some(({id}) => noted("lasting").includes(id));

/**
 * A file that opens this plan by `lock`. It is opened once with `unlock`, where this browser can, before it is sent or
 * anything is taken away for it.
 */
export const sealWay = async (kind: SlotKind, lock: Lock, unlock?: Unlock): Promise<Uint8Array> => {
  // The plan may close while this is at work, and then its secret is wiped.
  const own = Uint8Array.from(secret()), {recipient} = keys();
  try {
    if ((await keysOf(own)).recipient !== recipient) throw new Error("the plan was closed");
    const body = await sealSlot(kind, own, lock);
    if (unlock && !same(own, await openSlot(kind, body, unlock, recipient))) throw new Error("it does not open the plan");
    return body;
  } finally {
    own.fill(0);
  }
};

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
  if (kind === "C" || kind === "E") await note([id], slot.replaces);
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
  // What is noted in the plan says whether it is still to be sent.
  if (state() !== "open") return false;
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
  // Another phone kept newer words meanwhile, and knew these.
  if (noted("replaced").includes(id)) return db.remove(onShelf(`door/${id}`));
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
