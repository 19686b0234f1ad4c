// Who can see what: one screen for everybody, one for each supporter.

import {nameOf} from "./kinds.ts";
import {say, sentence} from "./say.ts";
import {currentScreen, onPress, place, put, row, screen, show} from "./screens.ts";
import {
  beginShares, compareAgain, comparedKeys, give, isDoubted, isShown, type Outcome, showable, shownTo, type Supporter,
  supporters, takeAllBack, takeBack, toCompare, wasCompared, wereNotSame, wereSame,
} from "./shares.ts";
import {moment} from "./standing.ts";
import {all, known, onChange} from "./vault.ts";

const everybody = document.querySelector<HTMLElement>('[data-screen="who"]');
const one = document.querySelector<HTMLElement>('[data-screen="who_one"]');
let number = "";

// --- everybody

const enterAll = (within: HTMLElement): void => {
  const known = supporters();
  place(within, "nobody").hidden = known.length > 0;
  lay(place(within, "people"), known.map((each, at) => {
    const made = row("who");
    (made.querySelector("a") as HTMLAnchorElement).href = `#who_one-${at + 1}`;
    put(made, "name", each.name);
    put(made, "state", stateOf(each));
    return made;
  }));
  openings(within, all()?.openings ?? []);
};

/** Put `rows` in, unless they say what stands there: whoever is about to press one of them is left alone. */
const lay = (list: HTMLElement, rows: HTMLElement[]): void => {
  const said = (each: Element): string => each.textContent;
  if ([...list.children].map(said).join("\n") !== rows.map(said).join("\n")) list.replaceChildren(...rows);
};

/** How far somebody is, in words. */
const stateOf = (supporter: Supporter): string => {
  const {name} = supporter, count = shownTo(supporter).length;
  if (!supporter.keys.length) return sentence("who_card");
  if (!comparedKeys(supporter).length) return sentence(wasCompared(supporter) ? "who_again" : "who_compare", {name});
  const parts = shownTo(supporter).map(nameOf).join(", ");
  const line = count ? sentence("who_parts", {name, parts}) : sentence("who_nothing", {name});
  return toCompare(supporter) ? `${line} ${sentence("who_another", {name})}` : line;
};

const openings = (within: HTMLElement, found: {name: string; at: string}[]): void => {
  place(within, "openings").hidden = !found.length;
  const newest = [...found].sort((first, second) => second.at.localeCompare(first.at));
  lay(place(within, "opened"), newest.map(({name, at}) => {
    const made = document.createElement("li");
    made.textContent = sentence("who_opened", {name, at: moment(at)});
    return made;
  }));
};

// --- one of them

const current = (): Supporter | undefined => supporters()[Number(number) - 1];

const enterOne = (within: HTMLElement, argument: string): void => {
  number = argument;
  const supporter = current();
  if (!supporter) return show("who", "", true);
  const {name} = supporter, ready = comparedKeys(supporter).length > 0;
  put(within, "title", sentence("who_title", {name}));
  const how = supporter.keys.length ? stateOf(supporter) : sentence("who_card_how", {name});
  put(within, "standing", ready ? sentence("who_rule", {name}) : how);
  place(within, "card").hidden = supporter.keys.length > 0;
  place(within, "doubted").hidden = !supporter.keys.some((key) => isDoubted(supporter, key));
  put(within, "doubt", sentence("who_doubt", {name}));
  place(within, "ready").hidden = !ready;
  place(within, "empty").hidden = showable().length > 0;
  lay(place(within, "parts"), showable().map((kind) => partRow(supporter, kind)));
  place(within, "all-back").hidden = !shownTo(supporter).length;
  openings(within, (all()?.openings ?? []).filter((each) => each.name === name));
  void compare(within, supporter);
};

const partRow = (supporter: Supporter, kind: string): HTMLElement => {
  const {name} = supporter, isGiven = isShown(supporter, kind), made = row("who-part");
  put(made, "name", nameOf(kind));
  put(made, "state", sentence(isGiven ? "who_sees" : "who_not", {name}));
  const button = made.querySelector("button") as HTMLButtonElement;
  button.dataset["kind"] = kind;
  button.dataset["do"] = isGiven ? "take" : "give";
  button.textContent = sentence(isGiven ? "who_take" : "who_give", {name});
  const which = document.createElement("span");
  which.className = "unseen";
  which.textContent = `: ${nameOf(kind)}`;
  button.append(which);
  return made;
};

/** Four words, for the browser of theirs that was not compared yet. */
const compare = async (within: HTMLElement, supporter: Supporter): Promise<void> => {
  const key = toCompare(supporter), ours = known(), place4 = place(within, "four");
  place(within, "compare").hidden = !key;
  if (!key || !ours || place4.dataset["of"] === key.recipient && place4.children.length) return;
  place4.replaceChildren();
  put(within, "compare-title", sentence("who_words", {name: supporter.name}));
  put(within, "compare-how", sentence("who_how", {name: supporter.name}));
  const {comparedWords} = await import("../format/words.ts");
  const words = await comparedWords(key.recipient, ours.recipient, ours.verifyKey);
  // Meanwhile somebody else may be looked at, or the plan was closed.
  if (toCompare(current() ?? supporter) !== key || currentScreen() !== "who_one") return;
  place4.dataset["of"] = key.recipient;
  place4.replaceChildren(...words.map((word) => {
    const made = document.createElement("li");
    made.textContent = word;
    return made;
  }));
};

const SAID: Record<Outcome, string> = {done: "", offline: "who_offline", refused: "who_refused"};

/** Press once; what came of it is said, and the screen shows how it stands. */
const press = async (button: HTMLElement, work: () => Promise<Outcome | void>, done = ""): Promise<void> => {
  if (button.ariaBusy) return;
  button.ariaBusy = "true";
  try {
    const outcome = await work() ?? "done", supporter = current();
    say(outcome === "done" ? done : SAID[outcome], {name: supporter?.name ?? ""});
  } catch {
    say("not_kept");
  }
  button.ariaBusy = null;
  if (!one || one.hidden) return;
  enterOne(one, number);
  // The button became another one, and whoever came by the keyboard goes on from there.
  const {kind} = button.dataset;
  (kind ? one.querySelector<HTMLElement>(`button[data-kind="${kind}"]`) : place(one, "title"))?.focus();
};

const onOne = (name: string, work: (supporter: Supporter, button: HTMLElement) => Promise<Outcome | void>, done = ""): void => {
  if (one) onPress(one, name, async (button) => {
    const supporter = current();
    if (supporter) await press(button, () => work(supporter, button), done);
  });
};

export const beginSharing = (): void => {
  if (!everybody || !one) return;
  screen("who", {enter: enterAll, leave: () => say("")});
  screen("who_one", {enter: enterOne, leave: () => say("")});
  onOne("give", (supporter, button) => give(supporter, button.dataset["kind"] ?? ""), "who_given");
  onOne("take", (supporter, button) => takeBack(supporter, button.dataset["kind"] ?? ""), "who_taken");
  onOne("take-all", (supporter) => takeAllBack(supporter), "who_taken");
  onOne("same", async (supporter) => {
    const key = toCompare(supporter);
    if (key) await wereSame(supporter, key);
  }, "who_same");
  onOne("not-same", async (supporter) => {
    const key = toCompare(supporter);
    if (key) await wereNotSame(supporter, key);
  });
  onOne("compare-again", async (supporter) => {
    for (const key of supporter.keys) if (isDoubted(supporter, key)) await compareAgain(supporter, key);
  });
  onChange(() => {
    if (!everybody.hidden) enterAll(everybody);
    if (!one.hidden && !one.querySelector("[aria-busy]")) enterOne(one, number);
  });
  beginShares();
};
