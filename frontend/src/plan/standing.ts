// How a part stands, in words.

import type {Part} from "../format/part.ts";
import {lettersIn, peopleIn} from "./kinds.ts";
import {sentence} from "./say.ts";
import {all, drafted, isWaiting, part, synced} from "./vault.ts";

export const isWritten = (found: Part | undefined): boolean =>
  Boolean(found && !found.notForMe && (found.text.trim() || peopleIn(found.more).length || lettersIn(found.more).length));

/** "21:05", as everywhere in the house. */
export const clock = (at: string): string => new Date(at).toTimeString().slice(0, 5);

/** "3 May, 21:05". */
export const moment = (at: string): string =>
  `${new Intl.DateTimeFormat(document.documentElement.lang, {day: "numeric", month: "long"}).format(new Date(at))}, ${clock(at)}`;

/** The names of those who may see this part in a call, from the server's list of shares. */
export const whoSees = (kind: string): string[] => {
  const known = all(), id = part(kind)?.id;
  const who = new Set(known?.shares.filter((share) => share.part === id).map(({supporter}) => supporter));
  return known?.supporters.filter((each) => who.has(each.id)).map(({name}) => name) ?? [];
};

/** "For you alone." or who else, in a call. */
export const seenBy = (kind: string): string => {
  const names = whoSees(kind);
  if (!names.length) return sentence("for_you_alone");
  return sentence("seen_by", {names: new Intl.ListFormat(document.documentElement.lang).format(names)});
};

/** "Written. For you alone." and the like. */
export const stateOf = (kind: string): string => {
  if (drafted(kind)) return sentence("state_begun");
  const found = part(kind);
  if (found?.notForMe) return sentence("state_not_for_me");
  if (!found || !isWritten(found)) return sentence("state_not_started");
  return [sentence("state_written"), seenBy(kind), isWaiting(kind) ? sentence("state_here") : ""].filter(Boolean).join(" ");
};

/** Whether and when what was kept reached the server. */
export const keptLine = (kind: string): string => {
  const found = part(kind);
  if (!found) return "";
  if (!isWaiting(kind)) return sentence("kept");
  const why = {offline: "kept_offline", signed_out: "kept_signed_out", refused: "kept_refused", done: "kept_here"};
  return sentence(why[synced() ?? "done"], {at: clock(found.at)});
};
