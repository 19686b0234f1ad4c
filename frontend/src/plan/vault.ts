// The one state of the open plan. It touches no page; screens listen by `onChange` and `onLock`.
// Everything is sealed and kept in this browser first, and sent after.

import {read, written} from "../format/bytes.ts";
import {type Keys, keysOf, newSecret} from "../format/keys.ts";
import {newId, openPart, type Part, sealPart} from "../format/part.ts";
import {Refused} from "../format/refused.ts";
import {openSlot, sealSlot} from "../format/slot.ts";
import {type All, Offline} from "./api.ts";
import * as db from "./db.ts";
import {deviceName, identityOfDevice, newDevice} from "./device.ts";
import {beforeClosing, type Change, changed, close, held, idOf, onChange, onLock, type Open, opened, type Synced} from "./held.ts";
import {stamped} from "./decisions.ts";
import {agreed, isKnown} from "./known.ts";
import {JOINT, joinedParts} from "./merge.ts";
import {forget, loadAll, sync, unlessRefused} from "./sync.ts";

export {type Change, JOINT, onChange, onLock, sync, type Synced};

export interface Known {recipient: string; verifyKey: string; wordsLater: number}

/** `elsewhere`: there is a plan, and this browser has no key for it. */
export const state = (): "none" | "locked" | "open" | "elsewhere" => {
  if (held.open) return "open";
  if (held.vault) return held.hasKey ? "locked" : "elsewhere";
  return "none";
};

/** Whether the server has no plan any more (`erased`), or another one (`other`), than the one kept here. */
export const gone = (): "" | "erased" | "other" => held.gone;
/** Whether this browser was shut out since the page was opened; then nothing of the plan is left in it. */
export const wasShutOut = (): boolean => held.isShutOut;
export const known = (): Known | null => held.vault;
export const keys = (): Keys => opened().keys;
export const secret = (): Uint8Array => opened().secret.slice();
export const part = (kind: string): Part | undefined => held.open?.parts.get(kind);
export const parts = (): Part[] => [...held.open?.parts.values() ?? []];
/** What the server answered last; kept sealed, so that it is there without a network once the plan is open. */
export const all = (): All | null => held.all;

/** How the last talk with the server ended; null before the first. */
export const synced = (): Synced | null => held.synced;
export const isWaiting = (kind: string): boolean => held.waiting.has(idNow(kind));
/** In these, two phones wrote at the same time, and both texts stand one under the other. */
export const isJoined = (kind: string): boolean => held.joined.has(kind);
/** Why what the server sent for this part was not taken. */
export const refusedIn = (kind: string): string => held.refused.get(idNow(kind)) ?? "";
/** How many files of the server were refused that belong to no part known here. */
export const refusedUnknown = (): string[] => {
  const ours = new Set(parts().map(({id}) => id));
  return [...held.refused].filter(([id]) => !ours.has(id)).map(([, reason]) => reason);
};
/** What was typed in this part and not kept yet. */
export const drafted = (kind: string): Part | undefined => held.open?.drafts.get(kind);

const idNow = (kind: string): string => held.open ? idOf(kind, held.open.secret) : "";

// --- opening and closing

/**
 * What stands before this browser's own key, such as a PIN. It gets the slot as it lies here, and what was typed;
 * it gives the slot to open, or "pin" when something else has to be typed.
 */
export type Gate = (slot: Uint8Array, pin: string | undefined) => Promise<Uint8Array | "pin">;
let gate: Gate = async (slot) => slot;
export const setGate = (made: Gate): void => { gate = made; };

/** Read which plan this browser has, without opening it. */
export const arrive = async (): Promise<void> => {
  const current = await db.get<string>(db.CURRENT);
  if (!current) return;
  const shelf = db.shelf(current);
  held.vault = await db.get<db.Vault>(shelf.vault) ?? null;
  held.hasKey = Boolean(await db.get(shelf.slot));
};

/** Whether plans of more than one person lie in this browser. */
export const isShared = async (): Promise<boolean> =>
  (await db.names("age1")).filter((name) => name.endsWith("/slot")).length > 1;

/** Open the plan by this browser's own key. */
export const unlockHere = async (pin?: string): Promise<"open" | "pin" | "none"> => {
  if (held.open) return "open";
  if (!held.vault) await arrive();
  const vault = held.vault;
  if (!vault || !held.hasKey) return "none";
  try {
    const secret = await secretHere(vault.recipient, pin);
    if (secret === "pin") return "pin";
    await openNow(secret);
    await adoptStrays();
    return "open";
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    // Its own key opens nothing any more; what comes from elsewhere still does, and makes a new one.
    held.hasKey = false;
    return "none";
  }
};

const secretHere = async (recipient: string, pin?: string): Promise<Uint8Array | "pin"> => {
  const shelf = db.shelf(recipient);
  const device = await db.get<db.Device>(shelf.device), slot = await db.get<db.KeptSlot>(shelf.slot);
  if (!device || !slot) throw new Refused("not_opened");
  const body = await gate(slot.body, pin);
  if (body === "pin") return "pin";
  return openSlot("A", body, {identity: await identityOfDevice(device)}, recipient);
};

const openNow = async (secret: Uint8Array): Promise<void> => {
  const keys = await keysOf(secret), shelf = db.shelf(keys.recipient);
  const open: Open = {secret, keys, parts: new Map(), drafts: new Map(), bases: new Map()};
  for (const kept of await db.under<db.KeptPart>(shelf.parts)) await take(kept, keys, open.parts);
  for (const kept of await db.under<db.KeptDraft>(shelf.drafts)) {
    await take(kept, keys, open.drafts);
    if (kept.from) await take({...kept, body: kept.from}, keys, open.bases);
  }
  held.open = open;
  await loadAll(open);
  changed();
};

/** Every file is checked at every opening, also those that lay in this browser. */
const take = async (kept: db.KeptPart, keys: Keys, into: Map<string, Part>): Promise<void> => {
  if (kept.waiting) held.waiting.add(kept.id);
  if (kept.bad) held.refused.set(kept.id, kept.bad.reason);
  try {
    const part = await openPart(kept.id, kept.body, keys, kept.seen);
    into.set(part.kind, part);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    held.refused.set(kept.id, error.reason);
  }
};

/** The first write: a secret, a key of this browser, its slot. Nothing is asked; it is sent when there is a line. */
export const begin = async (): Promise<void> => {
  if (state() === "open") return;
  // Two letters typed quickly make one plan, not two; nor is what is just being made a plan that stands in the way.
  if (!beginning && state() !== "none") throw new Error("there is a plan already");
  beginning ??= beginNow().finally(() => { beginning = undefined; });
  return beginning;
};
let beginning: Promise<void> | undefined;

const beginNow = async (): Promise<void> => {
  const secret = newSecret(), {recipient, verifyKey} = await keysOf(secret);
  const person = held.all?.person ?? "";
  const vault: db.Vault = {recipient, verifyKey: written(verifyKey), wordsLater: 0, person, registered: false};
  await keepHere(vault, secret);
  await openNow(secret);
};

/** Open by what came from elsewhere: words, a passkey, another phone. From now on this browser opens it by itself. */
export const openWith = async (secret: Uint8Array): Promise<void> => {
  const {recipient, verifyKey} = await keysOf(secret), vault = held.vault;
  if (!vault || vault.recipient !== recipient || vault.verifyKey !== written(verifyKey))
    throw new Refused("other_vault");
  if (!held.hasKey) await keepHere(vault, secret);
  await openNow(secret);
  await adoptStrays();
  void sync();
};

const keepHere = async (vault: db.Vault, secret: Uint8Array): Promise<void> => {
  const device = await newDevice();
  const body = await sealSlot("A", secret, {recipient: device.recipient});
  await adoptSlot(vault, device, {id: newId(), label: deviceName(), body, sent: false});
};

/** Keep what another phone allowed this browser to have: the vault, and a slot made for `device`. */
export const adoptSlot = async (vault: db.Vault, device: db.Device, slot: db.KeptSlot): Promise<void> => {
  const shelf = db.shelf(vault.recipient);
  await db.put(shelf.device, device);
  await db.put(shelf.slot, slot);
  await db.put(shelf.vault, vault);
  await db.put(db.CURRENT, vault.recipient);
  held.vault = vault;
  held.hasKey = true;
  // A browser that was asked keeps what it has when the disk gets full. Firefox would ask the person instead.
  if (!navigator.userAgent.includes("Firefox")) void navigator.storage?.persist?.();
};

/** What was begun here while the plan was somewhere else already becomes part of it. */
const adoptStrays = async (): Promise<void> => {
  for (const name of await db.names("age1")) {
    const stray = name.endsWith("/vault") ? await db.get<db.Vault>(name) : undefined, current = held.vault;
    if (!current || !stray || stray.registered || stray.recipient === current.recipient) continue;
    if (stray.person && stray.person !== current.person) continue;
    await adopt(stray).catch((error: unknown) => {
      // What cannot be opened stays where it lies.
      if (!(error instanceof Refused)) throw error;
    });
  }
};

const adopt = async (stray: db.Vault): Promise<void> => {
  const secret = await secretHere(stray.recipient), shelf = db.shelf(stray.recipient);
  if (secret === "pin") return;
  const keys = await keysOf(secret);
  const kept = await db.under<db.KeptPart>(shelf.parts), typed = await db.under<db.KeptDraft>(shelf.drafts);
  const had = await Promise.all(kept.map(({id, body}) => openPart(id, body, keys, 0)));
  const begun = await Promise.all(typed.map(({id, body}) => openPart(id, body, keys, 0)));
  for (const found of had)
    await write(found.kind, (before) => before ? joinedParts(before, found) : found, part(found.kind));
  for (const found of begun) await adoptDraft(found, had.find(({kind}) => kind === found.kind));
  await db.removeUnder(shelf.everything);
};

/** It stands on what was kept beside it, or on nothing: what the plan has elsewhere is joined with it once it is kept. */
const adoptDraft = async (found: Part, from: Part | undefined): Promise<void> => {
  const open = opened(), {kind} = found, id = idOf(kind, open.secret), begun = open.drafts.get(kind);
  const next = begun ? joinedParts(begun, found) : found;
  const under = begun ? open.bases.get(kind) : from;
  await keepDraft({...next, id}, under && {...under, id}, open);
};

/** Close the plan. What was typed in this moment is sealed first; then every key and every word is forgotten. */
export const lock = (): void => { void close(); };

// --- writing

/** What a field is filled with: what was begun, or else what was kept; and the kept one this stands on. */
export const filling = (kind: string): {shown: Part | undefined; from: Part | null} => {
  const begun = drafted(kind);
  if (begun) return {shown: begun, from: held.open?.bases.get(kind) ?? null};
  return {shown: part(kind), from: part(kind) ?? null};
};

/**
 * Seal the part as changed and keep it here; then send it. `from` is what the change was made from: what is newer than
 * that, from another phone or tab, is joined with it. Throws `Refused("too_long")`.
 */
export const save = async (kind: string, change: Change, from: Part | null = part(kind) ?? null): Promise<Part> => {
  await begin();
  pending.delete(kind);
  await flushed;
  const made = await write(kind, (before) => {
    const next = {...blank(kind), ...before, ...change};
    return kind === "settings" ? stamped(from ?? undefined, next) : next;
  }, from ?? undefined);
  await removeDraft(kind);
  changed();
  void sync();
  return made;
};

const removeDraft = async (kind: string): Promise<void> => {
  const open = opened();
  open.drafts.delete(kind);
  open.bases.delete(kind);
  await db.remove(db.shelf(open.keys.recipient).draft(idOf(kind, open.secret)));
};

const blank = (kind: string): Part => ({id: "", kind, version: 0, at: "", notForMe: false, text: ""});

type Make = (before: Part | undefined) => Part;

const write = (kind: string, make: Make, from: Part | undefined): Promise<Part> => {
  const open = opened(), {keys, parts} = open, id = idOf(kind, open.secret);
  const at = db.shelf(keys.recipient).part(id);
  return db.alone(async () => {
    const kept = await db.get<db.KeptPart>(at), shown = parts.get(kind);
    // Another tab of this browser may have written meanwhile.
    const newest = kept && kept.seen > (shown?.version ?? 0) ? await openPart(id, kept.body, keys, 0) : shown;
    let next: Part = {...make(newest), id, kind};
    if (newest && newest.version > (from?.version ?? 0)) {
      next = joinedParts(next, newest, from);
      if (next.text.includes(JOINT) && !newest.text.includes(JOINT)) held.joined.add(kind);
    }
    next = {...next, version: Math.max(next.version, newest?.version ?? 0, kept?.seen ?? 0) + 1, at: now()};
    const {revision, base} = kept ?? {revision: 0, base: 0}, body = await sealPart(next, keys);
    await db.put(at, {...kept, ...agreed(kept), id, body, revision, waiting: true, seen: next.version, base});
    parts.set(kind, next);
    held.waiting.add(id);
    return next;
  });
};

const now = (): string => new Date().toISOString();

const DRAFT_MS = 300;
interface Typed {change: Change; from: Part | null}
const pending = new Map<string, Typed>();
let flushing: Promise<void> | undefined, flushed: Promise<unknown> = Promise.resolve();

/**
 * Keep what is being typed, sealed, in this browser only, with what the field was filled `from`. Resolves when it is
 * kept, shortly behind the typing.
 */
export const draft = async (kind: string, change: Change, from: Part | null = part(kind) ?? null): Promise<void> => {
  await begin();
  pending.set(kind, {change, from});
  flushing ??= new Promise<void>((resolve) => setTimeout(resolve, DRAFT_MS)).then(() => flush());
  return flushing;
};

/** What is too long keeps nothing else from being kept; it is thrown at the end. */
const flush = async (): Promise<void> => {
  flushing = undefined;
  const open = held.open, waiting = [...pending];
  pending.clear();
  if (!open) return;
  const begun = waiting.map(([kind, {change, from}]): [Part, Part | null] => {
    const before = open.parts.get(kind), id = idOf(kind, open.secret);
    return [{...blank(kind), ...before, ...change, id, version: (from?.version ?? 0) + 1, at: now()}, from];
  });
  const done = Promise.allSettled(begun.map(([part, from]) => keepDraft(part, from ?? undefined, open)));
  flushed = done;
  const failed = (await done).find(({status}) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
};

const keepDraft = async (part: Part, from: Part | undefined, open: Open): Promise<void> => {
  const body = await sealPart(part, open.keys), {id, kind} = part;
  const under = from ? {from: await sealPart(from, open.keys)} : {};
  const kept: db.KeptDraft = {id, body, revision: 0, waiting: false, seen: 0, base: 0, ...under};
  await db.put(db.shelf(open.keys.recipient).draft(id), kept);
  open.drafts.set(kind, part);
  open.bases.delete(kind);
  if (from) open.bases.set(kind, from);
};

beforeClosing(flush);

// --- when the server's copy is not the good one

/** The copy of this part that is kept here takes the place of the one that was refused. */
export const putBack = async (kind: string): Promise<void> => {
  const open = opened(), id = idOf(kind, open.secret), at = db.shelf(open.keys.recipient).part(id);
  const kept = await db.get<db.KeptPart>(at);
  if (!kept?.bad) return;
  const {bad} = kept, {keys} = open;
  // Whatever was sealed here and never seen on this phone is another phone's text: it is kept, too.
  const other = bad.body && !isKnown(kept, bad.body) ? await openPart(id, bad.body, keys, 0).catch(unlessRefused) : undefined;
  // A version above everything seen, so that no other phone takes it for an older one.
  await write(kind, (before) => {
    const mine = {...blank(kind), ...before};
    return other ? joinedParts(mine, other) : mine;
  }, part(kind));
  const now: db.KeptPart = await db.get<db.KeptPart>(at) ?? kept;
  const {bad: _, ...next} = {...now, revision: bad.revision, waiting: true};
  await db.put(at, next);
  held.refused.delete(id);
  await sync();
};

/** The plan is gone from the server, and the person wants it there again. */
export const putAllBack = async (): Promise<void> => {
  const {keys} = opened(), shelf = db.shelf(keys.recipient);
  for (const kept of await db.under<db.KeptPart>(shelf.parts))
    await db.put(shelf.part(kept.id), {...kept, revision: 0, waiting: true});
  held.gone = "";
  if (held.vault) await db.put(shelf.vault, held.vault = {...held.vault, registered: false});
  await sync();
};

/** The kinds of which something lies in this browser only: what waits to be sent, and what was typed and not kept. */
export const onlyHere = (): string[] => [...new Set([
  ...parts().map(({kind}) => kind).filter(isWaiting), ...held.open?.drafts.keys() ?? [], ...pending.keys(),
])];

/** Send what waits, before this browser forgets it. Throws `Offline` when there is no line for that. */
export const sendBeforeForgetting = async (): Promise<void> => {
  const result = await sync();
  if (result === "offline" || result === "signed_out") throw new Offline();
};

/** Take the plan away from this browser: its key, and all that is kept. */
export const forgetHere = async (): Promise<void> => {
  pending.clear();
  await forget();
  changed();
};

/** The slot that is this browser's own; null when it has none. */
export const ownSlot = async (): Promise<db.KeptSlot | null> =>
  held.vault && await db.get<db.KeptSlot>(db.shelf(held.vault.recipient).slot) || null;

/**
 * Shut another phone out: its slot is named in the sealed settings, which nobody but the person can write. A server
 * that merely stops listing a slot makes no phone forget its key. Whoever calls takes the slot from the server, too.
 */
export const shutOut = async (slot: string): Promise<void> => {
  const shut = part("settings")?.more?.["shut"];
  await save("settings", {more: {...part("settings")?.more, shut: [...Array.isArray(shut) ? shut : [], slot]}});
};

/** Bytes that were `written` in the server's answer. */
export const fileIn = (body: string): Uint8Array => read(body);
