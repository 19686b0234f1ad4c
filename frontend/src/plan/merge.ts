// Two phones wrote at the same time: both texts are kept, one under the other.

import {newId, type Part} from "../format/part.ts";

/** Stands between two texts of which neither may be lost. The same in every language. */
export const JOINT = "— — —";

/** `mine` and `theirs` in one part, newer than both. */
export const joinedParts = (mine: Part, theirs: Part): Part => {
  const more = {...theirs.more, ...mine.more};
  for (const [name, value] of Object.entries(more)) {
    const other = theirs.more?.[name];
    if (Array.isArray(value) && Array.isArray(other)) more[name] = joinedLists(value, other);
  }
  return {
    ...mine,
    version: Math.max(mine.version, theirs.version) + 1,
    text: joinedTexts(mine.text, theirs.text),
    notForMe: mine.notForMe && theirs.notForMe,
    ...(Object.keys(more).length ? {more} : {}),
  };
};

const joinedTexts = (mine: string, theirs: string): string => {
  if (mine.includes(theirs.trim())) return mine;
  if (theirs.includes(mine.trim())) return theirs;
  return `${mine.trim()}\n\n${JOINT}\n\n${theirs.trim()}`;
};

/** All of both; what is the same in both, once. What was changed in both is there twice, under two ids. */
const joinedLists = (mine: unknown[], theirs: unknown[]): unknown[] => {
  const had = new Set(mine.map((each) => JSON.stringify(each))), ids = new Set(mine.map(idIn).filter(Boolean));
  const others = theirs.filter((each) => !had.has(JSON.stringify(each)));
  return [...mine, ...others.map((each) => ids.has(idIn(each)) ? {...each as object, id: newId()} : each)];
};

const idIn = (each: unknown): unknown => (each as {id?: unknown} | null)?.id;
