// The lists in the sealed settings: who may see what, whose words were the same. When two phones change them at once,
// the newest decision about each entry counts; so what was taken back stays taken back.

import type {Part} from "../format/part.ts";

interface Decision {on: boolean; at: string}
/** By list and entry. */
type Decisions = Record<string, Record<string, Decision>>;
type More = Record<string, unknown>;

/** In the settings, beside the lists themselves. */
export const DECIDED = "decided";

const decisionsIn = (more: More | undefined): Decisions => (more?.[DECIDED] ?? {}) as Decisions;
const listIn = (more: More | undefined, name: string): string[] => {
  const found = more?.[name];
  return Array.isArray(found) ? found.map(String) : [];
};
const listsOf = (...all: (More | undefined)[]): string[] =>
  [...new Set(all.flatMap((more) => Object.keys(more ?? {}).filter((name) => Array.isArray(more?.[name]))))];

/** `next`, which was made from `before`, with a note of when each entry was put in or taken out. */
export const stamped = (before: Part | undefined, next: Part): Part => {
  const decided: Decisions = {...decisionsIn(next.more)};
  for (const name of listsOf(before?.more, next.more)) {
    const had = listIn(before?.more, name), has = listIn(next.more, name);
    const entries = new Map(Object.entries(decided[name] ?? {}));
    for (const entry of new Set([...had, ...has]))
      if (had.includes(entry) !== has.includes(entry))
        entries.set(entry, {on: has.includes(entry), at: after(entries.get(entry)?.at)});
    if (entries.size) decided[name] = Object.fromEntries(entries);
  }
  return {...next, more: {...next.more, [DECIDED]: decided}};
};

/** Now; or right after `before`, which a phone whose clock is ahead may have written. */
const after = (before = ""): string => {
  const now = new Date(), least = before ? new Date(Date.parse(before) + 1) : now;
  return (least > now ? least : now).toISOString();
};

/** What two phones decided, in one: `joined` is what became of their `more` otherwise. */
export const joinedDecisions = (mine: More | undefined, theirs: More | undefined, joined: More): More => {
  const decided: Decisions = {}, made: More = {...joined};
  const [one, other] = [decisionsIn(mine), decisionsIn(theirs)];
  for (const name of new Set([...Object.keys(one), ...Object.keys(other)])) {
    decided[name] = newest(one[name] ?? {}, other[name] ?? {});
    const had = new Set([...listIn(joined, name), ...Object.keys(decided[name])]);
    made[name] = [...had].filter((entry) => decided[name]?.[entry]?.on ?? true);
  }
  return Object.keys(decided).length ? {...made, [DECIDED]: decided} : made;
};

const newest = (mine: Record<string, Decision>, theirs: Record<string, Decision>): Record<string, Decision> => {
  const made = new Map(Object.entries(mine));
  for (const [entry, decision] of Object.entries(theirs)) {
    const other = made.get(entry);
    // Of two in the same moment, taking back wins.
    if (!other || decision.at > other.at || decision.at === other.at && !decision.on) made.set(entry, decision);
  }
  return Object.fromEntries(made);
};
