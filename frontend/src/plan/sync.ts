// Talking with the server: what is new there comes here, what waits here goes there.
// A good copy is never overwritten by one that cannot be opened, was changed, or is older.

import {read, text, utf8, written} from "../format/bytes.ts";
import {openedWith, sealedTo} from "../format/keys.ts";
import {openPart, type Part, sealPart} from "../format/part.ts";
import {Refused} from "../format/refused.ts";
import {type All, Answered, ask, Offline, type PartBody, send} from "./api.ts";
import * as db from "./db.ts";
import {changed, close, held, type Open, type Synced} from "./held.ts";
import {isKnown, remembered} from "./known.ts";
import {JOINT, joinedParts} from "./merge.ts";

const TRIES = 3;
const CONFLICT = 409, CHANGED = 412, SIGNED_OUT = 401, NOT_MODIFIED = 304;

let running: Promise<Synced> | undefined, again = false;

/** Send what waits and fetch what is new. Calls that come meanwhile lead to one more round, with the same answer. */
export const sync = (): Promise<Synced> => {
  again = Boolean(running);
  running ??= rounds().finally(() => { running = undefined; });
  return running;
};

const rounds = async (): Promise<Synced> => {
  let result: Synced;
  do {
    again = false;
    result = await round();
    held.synced = result;
    changed();
  } while (again && result !== "offline" && result !== "signed_out");
  return result;
};

const round = async (): Promise<Synced> => {
  try {
    await fetchAll();
    const open = held.open;
    if (!open || !held.vault || held.gone) return "done";
    if (!held.vault.registered && !await register(held.vault)) {
      await fetchAll();
      return "done";
    }
    await refresh(open);
    for (const theirs of held.all?.parts ?? []) if (isStill(open)) await takeIn(theirs, open);
    if (isStill(open)) await sendParts(open);
    if (isStill(open)) await sendSlot(open.keys.recipient);
    if (isStill(open) && await isShutOut(open)) {
      held.isShutOut = again = true;
      await forget();
    }
    return held.refused.size ? "refused" : "done";
  } catch (error) {
    if (error instanceof Offline) return "offline";
    if (error instanceof Answered) return error.status === SIGNED_OUT ? "signed_out" : "refused";
    throw error;
  }
};

const isStill = (open: Open): boolean => held.open === open;

// --- what the server says

const fetchAll = async (): Promise<void> => {
  const told = await ask<All>("GET", "/plan/all", {tag: held.all ? held.tag : ""});
  if (told.status === NOT_MODIFIED) return;
  await settle(told.body);
  held.all = told.body;
  held.tag = told.tag;
  if (held.open) await keepAll(told.body, held.open);
};

/** Whose plan this is, and whether it is the one kept here. */
const settle = async (answer: All): Promise<void> => {
  const ours = held.vault, theirs = answer.vault;
  const isMine = ours !== null && ["", answer.person].includes(ours.person);
  if (ours && isMine && theirs?.recipient === ours.recipient) {
    held.gone = "";
    return keepVault({...ours, person: answer.person, registered: true, wordsLater: theirs.words_later});
  }
  if (ours && isMine && ours.registered) {
    held.gone = theirs ? "other" : "erased";
    return;
  }
  if (ours && isMine && !theirs) return keepVault({...ours, person: answer.person});
  return turnTo(answer);
};

/** Close whatever is open, and know of no plan. */
const leave = async (): Promise<void> => {
  const kept = held.vault ? close() : undefined;
  Object.assign(held, {vault: null, hasKey: false, gone: ""});
  held.waiting.clear();
  held.refused.clear();
  await kept;
};

/** Take the plan away from this browser: its key, and all that is kept. */
export const forget = async (): Promise<void> => {
  const recipient = held.vault?.recipient;
  await leave();
  if (recipient) await db.removeUnder(db.shelf(recipient).everything);
  await db.remove(db.CURRENT);
};

/** Whether the person's sealed settings name the slot of this browser as one that shall open nothing any more. */
const isShutOut = async ({keys, parts}: Open): Promise<boolean> => {
  const shut = parts.get("settings")?.more?.["shut"];
  const slot = await db.get<db.KeptSlot>(db.shelf(keys.recipient).slot);
  return Array.isArray(shut) && Boolean(slot) && shut.includes(slot?.id);
};

const keepVault = async (vault: db.Vault): Promise<void> => {
  held.vault = vault;
  await db.put(db.shelf(vault.recipient).vault, vault);
};

/** Somebody else is signed in than whose plan lay open, or the plan was begun elsewhere. What lies here stays sealed. */
const turnTo = async (answer: All): Promise<void> => {
  await leave();
  if (!answer.vault) return db.remove(db.CURRENT);
  const {recipient, verify_key: verifyKey, words_later: wordsLater} = answer.vault;
  await keepVault({recipient, verifyKey, wordsLater, person: answer.person, registered: true});
  await db.put(db.CURRENT, recipient);
  held.hasKey = Boolean(await db.get(db.shelf(recipient).slot));
};

/** The answer is kept sealed to the vault: it holds names. */
const keepAll = async (answer: All, {keys}: Open): Promise<void> => {
  // The parts themselves lie on the shelf already.
  const body = utf8(JSON.stringify({...answer, parts: []}));
  await db.put(db.shelf(keys.recipient).all, await sealedTo([keys.recipient], body));
};

/** What the server answered last, for a night without a network. */
export const loadAll = async ({keys}: Open): Promise<void> => {
  const kept = await db.get<Uint8Array>(db.shelf(keys.recipient).all);
  if (kept && !held.all) held.all = JSON.parse(text(await openedWith(keys.identity, kept))) as All;
};

// --- what waits here

/** False when another browser was first: then its vault is the one, and what is written here waits for its key. */
const register = async (vault: db.Vault): Promise<boolean> => {
  const at = db.shelf(vault.recipient).slot, slot = await db.get<db.KeptSlot>(at);
  if (!slot) return true;
  const {id, label, body} = slot;
  try {
    await send("POST", "/plan/vault", {
      recipient: vault.recipient, verify_key: vault.verifyKey, slot: {id, kind: "A", label, body: written(body)},
    });
  } catch (error) {
    if (error instanceof Answered && error.status === CONFLICT) return false;
    throw error;
  }
  await db.put(at, {...slot, sent: true});
  await keepVault({...vault, registered: true});
  return true;
};

const sendSlot = async (recipient: string): Promise<void> => {
  const at = db.shelf(recipient).slot, slot = await db.get<db.KeptSlot>(at);
  if (!slot || slot.sent) return;
  try {
    await send("PUT", `/plan/slots/${slot.id}`, {kind: "A", label: slot.label, body: written(slot.body)});
  } catch (error) {
    // The plan is here and is sent all the same; only the list of phones lacks this one.
    if (error instanceof Answered && error.status !== SIGNED_OUT) return;
    throw error;
  }
  await db.put(at, {...slot, sent: true});
};

const sendParts = async (open: Open): Promise<void> => {
  for (const kept of await db.under<db.KeptPart>(db.shelf(open.keys.recipient).parts)) {
    const isLost = !kept.waiting && kept.revision > 0 && !held.all?.parts.some(({id}) => id === kept.id);
    // A copy the server lost is sent again, as new.
    if (isLost) await sendPart({...kept, revision: 0}, open);
    else if (kept.waiting && !kept.bad) await sendPart(kept, open);
  }
};

const sendPart = async (kept: db.KeptPart, open: Open): Promise<void> => {
  for (let tries = 0, next: db.KeptPart | null = kept; next && tries < TRIES && isStill(open); tries += 1)
    next = await sentOnce(next, open);
};

/** Null when the server has it; what to send instead when another phone was first. */
const sentOnce = async (kept: db.KeptPart, open: Open): Promise<db.KeptPart | null> => {
  try {
    await willBeSent(kept, open);
    const {revision} = await send<{revision: number}>("PUT", `/plan/parts/${kept.id}`, {
      body: written(kept.body), revision: kept.revision,
    });
    await isSent(kept, revision, open);
    return null;
  } catch (error) {
    if (!(error instanceof Answered) || error.status !== CHANGED) throw error;
    const theirs = error.body as {revision: number; body: string | null};
    // The server lost it, as after an older backup: then it is new there.
    if (theirs.body === null) return {...kept, revision: 0};
    return takeIn({...theirs, body: theirs.body, id: kept.id}, open);
  }
};

/** Its answer may never arrive; what comes back then is known to be from here. */
const willBeSent = ({id, body}: db.KeptPart, open: Open): Promise<void> => db.alone(async () => {
  const at = db.shelf(open.keys.recipient).part(id), kept = await db.get<db.KeptPart>(at);
  if (kept && !isKnown(kept, body)) await db.put(at, {...kept, known: remembered(kept, body)});
});

const isSent = (sent: db.KeptPart, revision: number, open: Open): Promise<void> => db.alone(async () => {
  const at = db.shelf(open.keys.recipient).part(sent.id), kept = await db.get<db.KeptPart>(at) ?? sent;
  // Something newer may have been written while this was on its way.
  const waiting = kept.seen > sent.seen;
  await db.put(at, {...kept, revision, waiting, base: sent.seen, was: sent.body, known: remembered(kept, sent.body)});
  if (!waiting) held.waiting.delete(sent.id);
});

// --- what is new there

/** What another tab of this browser wrote or took in is here, too. */
const refresh = (open: Open): Promise<void> => db.alone(async () => {
  const shown = new Map([...open.parts.values()].map(({id, version}) => [id, version]));
  for (const kept of await db.under<db.KeptPart>(db.shelf(open.keys.recipient).parts)) {
    if (kept.waiting) held.waiting.add(kept.id);
    else held.waiting.delete(kept.id);
    if (kept.seen <= (shown.get(kept.id) ?? 0)) continue;
    const part = await openPart(kept.id, kept.body, open.keys, kept.seen).catch(unlessRefused);
    if (part) open.parts.set(part.kind, part);
  }
});

export const unlessRefused = (error: unknown): undefined => {
  if (!(error instanceof Refused)) throw error;
};

/** Take `theirs` in, or refuse it. Gives what has to be sent because both sides had changed, else null. */
const takeIn = (theirs: PartBody, open: Open): Promise<db.KeptPart | null> => db.alone(async () => {
  const at = db.shelf(open.keys.recipient).part(theirs.id), kept = await db.get<db.KeptPart>(at);
  try {
    return await takenIn(theirs, kept, at, open);
  } catch (error) {
    return refuse(error, theirs, at, kept);
  }
});

const takenIn = async (
  theirs: PartBody, kept: db.KeptPart | undefined, at: string, open: Open,
): Promise<db.KeptPart | null> => {
  const isSame = kept && written(kept.body) === theirs.body;
  if (kept?.revision === theirs.revision && (kept.waiting || isSame) && !kept.bad) return null;
  const file = bytesOf(theirs.body);
  if (kept?.waiting && !isSame && isKnown(kept, file)) return standOn(theirs, kept, at);
  const part = await openPart(theirs.id, file, open.keys, kept?.base ?? 0);
  // Ours may have arrived without our hearing of it. Of two texts under one version, neither is the newer one.
  if (kept && !isSame && (kept.waiting || part.version === kept.seen)) return joinIn(part, theirs, kept, at, open);
  held.refused.delete(theirs.id);
  const {id, revision} = theirs, {version} = part;
  const known = remembered(kept, file);
  await db.put(at, {id, body: file, revision, waiting: false, seen: version, base: version, known});
  held.waiting.delete(id);
  open.parts.set(part.kind, part);
  return null;
};

/** A body that is not even written as bytes is no better than a changed one. */
const bytesOf = (body: string): Uint8Array => {
  try {
    return read(body);
  } catch {
    throw new Refused("tampered");
  }
};

/** What is there was here before, or was sent from here: nobody else wrote, so what waits here goes on top of it. */
const standOn = async ({id, revision}: PartBody, kept: db.KeptPart, at: string): Promise<db.KeptPart> => {
  const {bad: _, ...next} = {...kept, revision};
  await db.put(at, next);
  held.refused.delete(id);
  return next;
};

/** One part that cannot be taken in, or is too long once joined, keeps no other from being sent. */
const refuse = async (error: unknown, theirs: PartBody, at: string, kept?: db.KeptPart): Promise<null> => {
  if (!(error instanceof Refused)) throw error;
  const {reason} = error, {id, revision} = theirs;
  held.refused.set(id, reason);
  const body = reason === "tampered" ? {} : {body: bytesOf(theirs.body)};
  if (kept) await db.put(at, {...kept, bad: {reason, revision, ...body}});
  return null;
};

const joinIn = async (
  part: Part, theirs: PartBody, kept: db.KeptPart, at: string, open: Open,
): Promise<db.KeptPart> => {
  const mine = await openPart(kept.id, kept.body, open.keys, 0);
  const from = kept.waiting && kept.was && await openPart(kept.id, kept.was, open.keys, 0).catch(unlessRefused);
  const both = {...joinedParts(mine, part, from || undefined), at: mine.at > part.at ? mine.at : part.at};
  const body = await sealPart(both, open.keys);
  const {id} = kept, {revision} = theirs;
  const was = read(theirs.body), known = remembered(kept, was);
  const next = {id, body, revision, waiting: true, seen: both.version, base: part.version, was, known};
  await db.put(at, next);
  held.refused.delete(id);
  held.waiting.add(id);
  open.parts.set(both.kind, both);
  if (both.text.includes(JOINT) && !part.text.includes(JOINT)) held.joined.add(both.kind);
  return next;
};
