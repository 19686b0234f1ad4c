// What becomes of a part that two phones changed: prints what it checked, and ends with 1 when something was lost.

import {deepStrictEqual as equal, notStrictEqual as differ} from "node:assert";
import type {Part} from "../src/format/part.ts";
import {stamped} from "../src/plan/decisions.ts";
import {joinedParts} from "../src/plan/merge.ts";

const part = (changes: Partial<Part>): Part =>
  ({id: "0", kind: "letters", version: 1, at: "2026-01-01T00:00:00.000Z", notForMe: false, text: "", ...changes});
const listIn = <T>(found: Part, name: string): T[] => found.more?.[name] as T[];
const letter = (id: string, text: string) => ({id, title: "", text});
const letters = (...all: ReturnType<typeof letter>[]): Part => part({more: {letters: all}});
const settings = (shown: string[], before?: Part): Part =>
  stamped(before, part({kind: "settings", more: {...before?.more, shown}}));

const checks: Record<string, () => void> = {
  "two texts stand one under the other": () => {
    equal(joinedParts(part({text: "train"}), part({text: "kitchen"})).text, "train\n\n— — —\n\nkitchen");
  },
  "a text only one of them changed is as that one has it": () => {
    const from = part({text: "harbour and train"}), cut = part({text: "harbour"});
    equal(joinedParts(cut, {...from, version: 5}, from).text, "harbour");
    equal(joinedParts(from, {...cut, version: 5}, from).text, "harbour");
    equal(joinedParts(cut, {...from, version: 5}, from).version, 6);
  },
  "one letter changed on both is two letters with ids of their own": () => {
    const made = listIn<{id: string; text: string}>(joinedParts(
      letters(letter("a", "mine"), letter("b", "same")), letters(letter("a", "theirs"), letter("b", "same"))), "letters");
    equal(made.map(({text}) => text), ["mine", "same", "theirs"]);
    equal(made.slice(0, 2).map(({id}) => id), ["a", "b"]);
    differ(made[2]?.id, "a");
    differ(made[2]?.id, "b");
  },
  "a letter taken out on one phone does not come back from another that changed one": () => {
    const from = letters(letter("a", "old"), letter("b", "old"));
    const made = joinedParts(letters(letter("b", "old")), letters(letter("a", "old"), letter("b", "new")), from);
    equal(listIn(made, "letters"), [letter("b", "new")]);
  },
  "what was taken back stays taken back, whichever phone is asked": () => {
    const both = settings(["sam how", "bo how"]);
    const back = settings(["bo how"], both), more = settings(["sam how", "bo how", "kit how"], both);
    for (const made of [joinedParts(back, more), joinedParts(more, back), joinedParts(more, back, both)])
      equal([...listIn<string>(made, "shown")].sort(), ["bo how", "kit how"]);
  },
  "what is given once more after that is given": () => {
    const both = settings(["sam how"]), back = settings([], both), again = settings(["sam how"], back);
    equal(listIn(joinedParts(back, again), "shown"), ["sam how"]);
    equal(listIn(joinedParts(again, back), "shown"), ["sam how"]);
  },
  "settings of before there were decisions keep the entries of both": () => {
    const old = (shown: string[]): Part => part({kind: "settings", more: {shown}});
    equal(listIn(joinedParts(old(["sam how"]), old(["bo how"])), "shown"), ["sam how", "bo how"]);
    equal(listIn(joinedParts(settings([], old(["sam how"])), old(["sam how"])), "shown"), []);
  },
};

for (const [name, check] of Object.entries(checks)) {
  check();
  console.log(name);
}
