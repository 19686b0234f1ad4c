// Who may read which part in a call. What the person decided stands in the sealed settings, so that no server adds
// to it; what is given out is what the server lists besides. A part is shown only where both say so.

import {written} from "../format/bytes.ts";
import {newId, type Part} from "../format/part.ts";
import {sealShare} from "../format/share.ts";
import {type All, Answered, Offline, send} from "./api.ts";
import {KINDS, peopleIn} from "./kinds.ts";
import {isWritten} from "./standing.ts";
import {all, isWaiting, keys, onChange, part, parts, refusedIn, refusedUnknown, save, state, sync} from "./vault.ts";

export type Supporter = All["supporters"][number];
type Key = Supporter["keys"][number];

/** Lists in the settings. Two phones that change them at once keep the entries of both. */
type List = "compared" | "doubted" | "shown";

/** Letters to oneself are for oneself. How to be with somebody comes first, as it does in a call. */
export const SHOWABLE: readonly string[] =
  ["how", "not", ...KINDS.filter((kind) => !["how", "not", "letters"].includes(kind))];

export const supporters = (): Supporter[] => all()?.supporters ?? [];

const list = (name: List): string[] => {
  const found = part("settings")?.more?.[name];
  return Array.isArray(found) ? found.map(String) : [];
};

const change = async (changes: Partial<Record<List, string[]>>): Promise<void> => {
  await save("settings", {more: {...part("settings")?.more, ...changes}});
};
const withIt = (name: List, entry: string): Partial<Record<List, string[]>> =>
  ({[name]: [...list(name).filter((each) => each !== entry), entry]});
const without = (name: List, entry: string): Partial<Record<List, string[]>> =>
  ({[name]: list(name).filter((each) => each !== entry)});

// --- whose browser it is

/** A browser, and whose it is said to be: exactly what a person has seen when they say that the words were the same. */
export interface Named {id: string; name: string; recipient: string}

export const named = ({id, name}: Supporter, {recipient}: Key): Named => ({id, name, recipient});

// Written so that no name can be taken for a key: what the server calls somebody is its own to choose.
const pair = ({id, recipient}: Named): string => JSON.stringify([id, recipient]);
const entry = ({id, recipient, name}: Named): string => JSON.stringify([id, recipient, name]);
const begins = (...known: string[]): string => `${JSON.stringify(known).slice(0, -1)},`;
const entriesOf = ({id, recipient}: Named): string[] =>
  list("compared").filter((each) => each.startsWith(begins(id, recipient)));
const isDoubtedPair = (one: Named): boolean => list("doubted").includes(pair(one));
export const isDoubted = (supporter: Supporter, key: Key): boolean => isDoubtedPair(named(supporter, key));

/** Whether the words of this browser were the same, whatever its owner is called now. What is sealed for it stays. */
const isKnown = (supporter: Supporter, key: Key): boolean =>
  entriesOf(named(supporter, key)).length > 0 && !isDoubted(supporter, key);

/** Whether the person said that the four words were the same, under this name. Nothing is ever sealed to any other key. */
export const isCompared = (supporter: Supporter, key: Key): boolean =>
  list("compared").includes(entry(named(supporter, key))) && !isDoubted(supporter, key);

export const comparedKeys = (supporter: Supporter): Key[] => supporter.keys.filter((key) => isCompared(supporter, key));

/** The browser whose words come next. */
export const toCompare = (supporter: Supporter): Key | undefined =>
  supporter.keys.find((key) => !isCompared(supporter, key) && !isDoubted(supporter, key));

/** Whether words were compared before with a browser of theirs that is not there any more. */
export const wasCompared = (supporter: Supporter): boolean =>
  list("compared").some((each) => each.startsWith(begins(supporter.id)));

/** What they were called when words were compared, when the server calls them otherwise now; else "". */
export const nameBefore = (supporter: Supporter): string => {
  const key = supporter.keys.find((each) => isKnown(supporter, each) && !isCompared(supporter, each));
  if (!key) return "";
  const [, , name] = JSON.parse(entriesOf(named(supporter, key)).at(-1) ?? "[]") as string[];
  return name ?? "";
};

const withoutPair = (one: Named): string[] => list("compared").filter((each) => !entriesOf(one).includes(each));

export const wereSame = async (one: Named): Promise<void> => {
  await change({compared: [...withoutPair(one), entry(one)], ...without("doubted", pair(one))});
  await settle();
};
export const wereNotSame = async (one: Named): Promise<void> => {
  await change({...withIt("doubted", pair(one)), compared: withoutPair(one)});
  await settle();
};
export const compareAgain = (supporter: Supporter, key: Key): Promise<void> =>
  change(without("doubted", pair(named(supporter, key))));

// --- what is shown

const wish = (supporter: Supporter, kind: string): string => `${supporter.id} ${kind}`;
const sharesOf = (supporter: Supporter, kind: string): All["shares"] => {
  const id = part(kind)?.id;
  return (all()?.shares ?? []).filter((share) => share.supporter === supporter.id && share.part === id);
};

/** Whether they can read this part in a call. */
export const isShown = (supporter: Supporter, kind: string): boolean =>
  list("shown").includes(wish(supporter, kind)) && sharesOf(supporter, kind).length > 0;
export const shownTo = (supporter: Supporter): string[] => SHOWABLE.filter((kind) => isShown(supporter, kind));
export const showable = (): string[] => SHOWABLE.filter((kind) => isWritten(part(kind)));

/** How a change came out: `offline`: it is not at the server yet. */
export type Outcome = "done" | "offline" | "refused";

/** Show them this part from now on. The settings arrive first: a share they do not know of is taken back. */
export const give = async (supporter: Supporter, kind: string): Promise<Outcome> => {
  await change(withIt("shown", wish(supporter, kind)));
  if (await sync() === "offline" || isWaiting("settings") || isWaiting(kind)) return "offline";
  try {
    for (const key of comparedKeys(supporter)) await seal(supporter, key, kind);
  } catch (error) {
    return outcomeOf(error);
  }
  await sync();
  return "done";
};

/** Take it back at once. Without a line it goes as soon as there is one. */
export const takeBack = async (supporter: Supporter, kind: string): Promise<Outcome> => {
  const ids = sharesOf(supporter, kind).map(({id}) => id);
  await change(without("shown", wish(supporter, kind)));
  return gone(ids.map((id) => `/plan/shares/${id}`));
};

export const takeAllBack = async (supporter: Supporter): Promise<Outcome> => {
  await change({shown: list("shown").filter((entry) => !entry.startsWith(`${supporter.id} `))});
  return gone([`/plan/shares?supporter=${encodeURIComponent(supporter.id)}`]);
};

/** This browser of theirs reads no more; what was sealed for it goes too. */
export const takeKey = (key: string): Promise<Outcome> => gone([`/plan/keys/${key}`]);

/** One that does not go keeps none of the others. What is left is tried again whenever the server was heard. */
const gone = async (paths: string[]): Promise<Outcome> => {
  let outcome: Outcome = "done";
  for (const path of paths) await send("DELETE", path).catch(unlessGone).catch((error: unknown) => {
    outcome = outcomeOf(error);
  });
  await sync();
  return outcome;
};

const NOT_THERE = 404;
const unlessGone = (error: unknown): void => {
  if (!(error instanceof Answered) || error.status !== NOT_THERE) throw error;
};

const outcomeOf = (error: unknown): Outcome => {
  if (error instanceof Offline) return "offline";
  if (error instanceof Answered) return "refused";
  throw error;
};

/** What a supporter reads of a part: its words, and who is named in it. */
const textOf = (found: Part): string => {
  const people = peopleIn(found.more).map(({name, number, text}) => [name, number, text].filter(Boolean).join(" · "));
  return [found.text.trim(), people.join("\n")].filter(Boolean).join("\n\n");
};

/** Seal the part as it is now for one browser; the id it had stays, so that its reader knows it again. */
const seal = async (supporter: Supporter, key: Key, kind: string): Promise<void> => {
  const found = part(kind);
  if (!found || !isCompared(supporter, key)) return;
  const id = sharesOf(supporter, kind).find((share) => share.key === key.id)?.id ?? newId();
  const {version, at} = found;
  const share = await sealShare({id, kind, version, at, text: textOf(found), to: key.recipient}, keys());
  await send("PUT", `/plan/shares/${id}`, {
    part: found.id, key: key.id, version, body: written(share.body), half: written(share.half), kept: share.kept,
  });
};

// --- keeping it so

/** Without a name it is tried again each time: nothing that was taken back is ever given up. */
interface Owed {name?: string; work: () => Promise<unknown>}
/** What the server refused to keep; the same once more would be refused again. */
const failed = new Set<string>();

/** What has to be done so that the server gives out what the person decided, and nothing else. */
const owed = (): Owed[] => {
  if (state() !== "open" || refusedIn("settings")) return [];
  return [...surplus(), ...supporters().flatMap(lacking)].filter(({name}) => !name || !failed.has(name));
};

const surplus = (): Owed[] => (all()?.shares ?? []).filter((share) => !isWanted(share)).map(({id}) =>
  ({work: () => send("DELETE", `/plan/shares/${id}`).catch(unlessGone)}));

const isWanted = (share: All["shares"][number]): boolean => {
  const found = parts().find(({id}) => id === share.part);
  // A part that is not readable here may be so on another phone, which then keeps what is given of it.
  if (!found && all()?.parts.some(({id}) => id === share.part)) return true;
  const supporter = supporters().find(({id}) => id === share.supporter);
  const key = supporter?.keys.find(({id}) => id === share.key);
  return Boolean(found && supporter && key && isKnown(supporter, key) && isWritten(found)
    && list("shown").includes(wish(supporter, found.kind)));
};

/** Parts that changed since, and browsers that were compared since. */
const lacking = (supporter: Supporter): Owed[] => shownTo(supporter).filter((kind) => isWritten(part(kind)))
  .flatMap((kind) => comparedKeys(supporter).filter((key) => !isCurrent(supporter, key, kind)).map((key) => (
    {name: `${kind} ${part(kind)?.version} ${key.id}`, work: () => seal(supporter, key, kind)})));

const isCurrent = (supporter: Supporter, key: Key, kind: string): boolean =>
  sharesOf(supporter, kind).some((share) => share.key === key.id && share.version >= (part(kind)?.version ?? 0));

const hasRefused = (): boolean => refusedUnknown().length > 0 || KINDS.some((kind) => refusedIn(kind));

let running: Promise<void> | undefined;

/** Do what is owed. Only right after the server was heard: what it lists and what the settings say are of one time then. */
export const settle = (): Promise<void> => {
  running ??= settling().finally(() => { running = undefined; });
  return running;
};

const settling = async (): Promise<void> => {
  const came = await sync();
  // One part that cannot be opened here is no reason to leave the others as they are.
  const isHeard = came === "done" || came === "refused" && hasRefused();
  if (!isHeard || isWaiting("settings")) return;
  const todo = owed();
  for (const {name, work} of todo) {
    try {
      await work();
    } catch (error) {
      if (error instanceof Offline || state() !== "open") return;
      if (name) failed.add(name);
    }
  }
  if (todo.length) await sync();
};

export const beginShares = (): void => onChange(() => { if (!running && owed().length) void settle(); });

