// What a supporter may read in a call, opened by the key of this browser. It touches no page.

import {read} from "../format/bytes.ts";
import {type Reason, Refused} from "../format/refused.ts";
import {openShare, type Shown} from "../format/share.ts";
import {identityOfDevice} from "../plan/device.ts";
import {isSame, keep, type Kept, keptOf, type Person} from "./kept.ts";

/** What `POST /a/<token>/plan` answers; docs/reference/http.md says what each of it is. */
export interface Given {
  person: Person | null;
  shares: {id: string; to: string; body: string; half: string; kept: string}[];
  card: string;
}

export interface Opened {
  /** What can be read, one of a kind: first how to be with the person, then what they do not want. */
  parts: Shown[];
  /** Why something was not opened. */
  refused: Set<Reason | "not_compared">;
}

const FIRST = ["how", "not"];

/** Open what was given. Nothing of a person this browser does not know is opened at all. */
export const openGiven = async (given: Given): Promise<Opened> => {
  const opened: Opened = {parts: [], refused: new Set()};
  if (!given.person || !given.shares.length) return opened;
  const kept = await keptOf(given.person.id);
  // Somebody has up to three browsers, and is given what is sealed for all of them.
  const ours = given.shares.filter(({to}) => to === kept?.device?.recipient);
  if (!kept || !ours.length) opened.refused.add("not_opened");
  else if (!isSame(kept.pinned, given.person)) opened.refused.add("swapped");
  else if (!kept.isCompared) opened.refused.add("not_compared");
  else await openAll(ours, kept, opened);
  return opened;
};

const openAll = async (ours: Given["shares"], kept: Kept, opened: Opened): Promise<void> => {
  const newest = new Map<string, Shown>(), seen = {...kept.seen};
  for (const share of ours) {
    const shown = await opens(share, kept).catch(why);
    if (typeof shown === "string") opened.refused.add(shown);
    else if (shown.version > (newest.get(shown.kind)?.version ?? 0)) newest.set(shown.kind, shown);
  }
  for (const shown of newest.values()) seen[shown.kind] = Math.max(seen[shown.kind] ?? 0, shown.version);
  opened.parts = [...newest.values()].sort((one, other) => rank(one.kind) - rank(other.kind));
  if (JSON.stringify(seen) !== JSON.stringify(kept.seen)) await keep({...kept, seen});
};

const rank = (kind: string): number => FIRST.includes(kind) ? FIRST.indexOf(kind) : FIRST.length;

const opens = async (share: Given["shares"][number], kept: Kept): Promise<Shown> => {
  if (!kept.device) throw new Refused("not_opened");
  const files = {body: read(share.body), half: read(share.half), kept: share.kept};
  const identity = await identityOfDevice(kept.device);
  const shown = await openShare(share.id, files, identity, kept.device.recipient, read(kept.pinned.verifyKey), 0);
  // A share that was taken back and given anew has another id, so it is the kind that has been seen before.
  if (shown.version < (kept.seen[shown.kind] ?? 0)) throw new Refused("older");
  return shown;
};

/** What was made for this browser and does not open here was changed on its way, whatever gave way first. */
const why = (error: unknown): Reason =>
  error instanceof Refused && error.reason !== "not_opened" ? error.reason : "tampered";
