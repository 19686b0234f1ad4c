// Two phones wrote at the same time: both texts are kept, one under the other.

import {newId, type Part} from "../format/part.ts";
import {DECIDED, joinedDecisions} from "./decisions.ts";

/** Stands between two texts of which neither may be lost. The same in every language. */
export const JOINT = "— — —";

/**
 * `mine` and `theirs` in one part, newer than both. With `from`, the part both were made from, what only one of them
 * changed is as that one has it; so what was taken out on one phone does not come back from the other.
 */
export const joinedParts = (mine: Part, theirs: Part, from?: Part): Part => {
  const version = Math.max(mine.version, theirs.version) + 1;
  if (isSame(mine, theirs) || from && isSame(theirs, from)) return {...mine, version};
  if (from && isSame(mine, from)) return {...theirs, id: mine.id, kind: mine.kind, version};
  const more = joinedMore(mine, theirs, from);
  return {
    ...mine,
    version,
    text: changedByOne(mine.text, theirs.text, from?.text) ?? joinedTexts(mine.text, theirs.text),
    notForMe: mine.notForMe && theirs.notForMe,
    ...(Object.keys(more).length ? {more} : {}),
  };
};

/** Whether both say the same, whatever their versions are. */
export const isSame = (one: Part, other: Part): boolean =>
  one.text === other.text && one.notForMe === other.notForMe && same(one.more ?? {}, other.more ?? {});

const same = (one: unknown, other: unknown): boolean => JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));

/** The same value with its names in one order, however it was put together. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => one < other ? -1 : 1)
    .map(([name, each]) => [name, sorted(each)]));
};

/** The one that differs from what both were made from; undefined when both do, or when that is not known. */
const changedByOne = <T>(mine: T, theirs: T, from: T | undefined): T | undefined => {
  if (from === undefined) return undefined;
  if (same(mine, from)) return theirs;
  return same(theirs, from) ? mine : undefined;
};

const joinedMore = (mine: Part, theirs: Part, from?: Part): Record<string, unknown> => {
  const more: Record<string, unknown> = {...theirs.more, ...mine.more};
  for (const [name, value] of Object.entries(more)) {
    const other = theirs.more?.[name], before = from?.more?.[name];
    if (name === DECIDED || other === undefined) continue;
    if (Array.isArray(value) && Array.isArray(other))
      more[name] = joinedLists(value, other, Array.isArray(before) ? before : []);
    else more[name] = changedByOne(value, other, before) ?? value;
  }
  return joinedDecisions(mine.more, theirs.more, more);
};

const joinedTexts = (mine: string, theirs: string): string => {
  if (mine.includes(theirs.trim())) return mine;
  if (theirs.includes(mine.trim())) return theirs;
  return `${mine.trim()}\n\n${JOINT}\n\n${theirs.trim()}`;
};

/** All of both without what one of them took out; what is the same in both, once. */
const joinedLists = (mine: unknown[], theirs: unknown[], from: unknown[]): unknown[] => {
  const isIn = (list: unknown[]) => (entry: unknown): boolean => list.some((each) => same(each, entry));
  const isMine = isIn(mine), isTheirs = isIn(theirs), isOld = isIn(from);
  const kept = mine.filter((entry) => isTheirs(entry) || !isOld(entry));
  const added = theirs.filter((entry) => !isMine(entry) && !isOld(entry));
  return withOwnIds([...kept, ...added]);
};

/** One entry that was changed on both phones is two entries now, and each can be taken away by itself. */
const withOwnIds = (entries: unknown[]): unknown[] => {
  const had = new Set<string>();
  return entries.map((entry) => {
    const {id} = (entry ?? {}) as {id?: unknown};
    if (typeof id !== "string") return entry;
    const own = had.has(id) ? newId() : id;
    had.add(own);
    return own === id ? entry : {...entry as object, id: own};
  });
};
