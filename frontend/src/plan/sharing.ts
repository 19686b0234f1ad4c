// Who can see what: one screen for everybody, one for each supporter.

import {written} from "../format/bytes.ts";
import {nameOf} from "./kinds.ts";
import {say, sentence} from "./say.ts";
import {currentScreen, onPress, place, put, row, screen, show} from "./screens.ts";
import {
  beginShares, compareAgain, comparedKeys, give, isCompared, isDoubted, isShown, nameBefore, type Named, named, type Outcome,
  showable, shownTo, type Supporter, supporters, takeAllBack, takeBack, takeKey, toCompare, wasCompared, wereNotSame, wereSame,
} from "./shares.ts";
import {moment} from "./standing.ts";
import {all, keys, onChange, onLock, state, sync} from "./vault.ts";

const everybody = document.querySelector<HTMLElement>('[data-screen="who"]');
const one = document.querySelector<HTMLElement>('[data-screen="who_one"]');
/** The one who is looked at. Never their place in the list, which the server may put in another order. */
let id = "";

// --- everybody

const enterAll = (within: HTMLElement): void => {
  const known = supporters();
  place(within, "nobody").hidden = known.length > 0;
  lay(place(within, "people"), known.map((each) => {
    const made = row("who");
    (made.querySelector("a") as HTMLAnchorElement).href = `#who_one-${each.id}`;
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
  const {name} = supporter, count = shownTo(supporter).length, before = nameBefore(supporter);
  if (!supporter.keys.length) return sentence("who_card");
  if (before) return sentence("who_renamed", {name, before});
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

const current = (): Supporter | undefined => supporters().find((each) => each.id === id);

const enterOne = (within: HTMLElement, argument: string): void => {
  if (id !== argument) undraw(within);
  id = argument;
  const supporter = current();
  if (!supporter) return show("who", "", true);
  const {name} = supporter, ready = comparedKeys(supporter).length > 0;
  put(within, "title", sentence("who_title", {name}));
  const how = supporter.keys.length ? stateOf(supporter) : sentence("who_card_how", {name});
  put(within, "standing", ready && !nameBefore(supporter) ? sentence("who_rule", {name}) : how);
  place(within, "card").hidden = supporter.keys.length > 0;
  place(within, "doubted").hidden = !supporter.keys.some((key) => isDoubted(supporter, key));
  put(within, "doubt", sentence("who_doubt", {name}));
  // What is given can be taken back at any time.
  const kinds = ready ? showable() : shownTo(supporter);
  place(within, "ready").hidden = !ready && !kinds.length;
  place(within, "empty").hidden = kinds.length > 0;
  lay(place(within, "parts"), kinds.map((kind) => partRow(supporter, kind)));
  place(within, "all-back").hidden = !shownTo(supporter).length;
  // Only who has more than one needs to be told them apart.
  place(within, "browsers").hidden = supporter.keys.length < 2;
  lay(place(within, "keys"), supporter.keys.map((key) => keyRow(supporter, key)));
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

const keyRow = (supporter: Supporter, key: Supporter["keys"][number]): HTMLElement => {
  const made = row("who-key"), button = made.querySelector("button") as HTMLButtonElement;
  put(made, "since", sentence("who_since", {at: moment(key.made_at)}));
  put(made, "state", sentence(isCompared(supporter, key) ? "who_is_same" : "who_is_not", {name: supporter.name}));
  button.dataset["key"] = key.id;
  return made;
};

/** Whose words stand on the page. A press is about exactly this, whatever the server has said since. */
let drawn: Named | null = null;
/** Whose words are being made. */
let drawing: Named | null = null;

const isSame = (one: Named | null, other: Named | null): boolean =>
  one?.id === other?.id && one?.name === other?.name && one?.recipient === other?.recipient;

/** Whose words belong on the page now. */
const wanted = (): Named | null => {
  const supporter = current(), key = supporter && toCompare(supporter);
  return key ? named(supporter, key) : null;
};

const undraw = (within: HTMLElement): void => {
  drawn = drawing = null;
  place(within, "four").replaceChildren();
  place(within, "asked").hidden = true;
  place(within, "renewed").hidden = true;
};

/** Four words, for the browser of theirs that was not compared yet. */
const compare = async (within: HTMLElement, supporter: Supporter): Promise<void> => {
  const now = wanted(), {name} = supporter;
  place(within, "compare").hidden = !now;
  if (!now) return undraw(within);
  if (isSame(now, drawn) || isSame(now, drawing)) return;
  put(within, "compare-title", sentence("who_words", {name}));
  put(within, "compare-how", sentence("who_how", {name}));
  // Whoever is about to press meant the words that stood there. Other ones come only when they are asked for.
  const isInstead = drawn !== null || !place(within, "renewed").hidden;
  undraw(within);
  put(within, "renewed-why", sentence("who_renewed", {name}));
  place(within, "renewed").hidden = !isInstead;
  if (!isInstead) await draw(within, now);
};

const draw = async (within: HTMLElement, now: Named): Promise<void> => {
  drawing = now;
  place(within, "renewed").hidden = true;
  const {comparedWords} = await import("../format/words.ts");
  if (state() !== "open") return;
  // The keys of the plan that is open, whatever the server says they are.
  const {recipient, verifyKey} = keys();
  const words = await comparedWords(now.recipient, recipient, written(verifyKey));
  // Meanwhile somebody else may be looked at, or the plan was closed.
  if (drawing !== now || !isSame(now, wanted()) || currentScreen() !== "who_one") return;
  drawing = null;
  drawn = now;
  place(within, "four").replaceChildren(...words.map((word) => {
    const made = document.createElement("li");
    made.textContent = word;
    return made;
  }));
  place(within, "asked").hidden = false;
};

/** What was drawn, unless the page has to show something else by now. */
const pressed = (): Named | null => isSame(drawn, wanted()) ? drawn : null;

const SAID: Record<Outcome, string> = {done: "", offline: "who_offline", refused: "who_refused"};

/** Press once; what came of it is said, and the screen shows how it stands. */
const press = async (button: HTMLElement, work: () => Promise<Outcome | void>, done = ""): Promise<void> => {
  if (button.ariaBusy) return;
  button.ariaBusy = "true";
  try {
    const outcome = await work() ?? "done", supporter = current();
    // What is taken back is tried again by itself.
    const isLater = outcome === "refused" && done === "who_taken";
    say(isLater ? "who_later" : outcome === "done" ? done : SAID[outcome], {name: supporter?.name ?? ""});
  } catch {
    say("not_kept");
  }
  button.ariaBusy = null;
  if (!one || one.hidden) return;
  enterOne(one, id);
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

/** What is said about the words is kept for whom they were made; when that is somebody else by now, nothing is. */
const onSaid = (name: string, keep: (said: Named) => Promise<void>, done = ""): void => {
  if (one) onPress(one, name, async (button) => {
    const said = pressed();
    if (said) await press(button, () => keep(said), done);
    else if (current()) enterOne(one, id);
  });
};

export const beginSharing = (): void => {
  if (!everybody || !one) return;
  // Whoever comes here may have just heard from somebody that their browser is ready.
  screen("who", {enter: (within) => { enterAll(within); void sync(); }, leave: () => say("")});
  screen("who_one", {enter: enterOne, leave: () => { undraw(one); say(""); }});
  onLock(() => undraw(one));
  onOne("give", (supporter, button) => give(supporter, button.dataset["kind"] ?? ""), "who_given");
  onOne("take", (supporter, button) => takeBack(supporter, button.dataset["kind"] ?? ""), "who_taken");
  onOne("take-all", (supporter) => takeAllBack(supporter), "who_taken");
  onOne("take-key", (_, button) => takeKey(button.dataset["key"] ?? ""), "who_key_taken");
  onSaid("same", wereSame, "who_same");
  onSaid("not-same", wereNotSame);
  onOne("words-anew", async () => {
    const now = wanted();
    if (now) await draw(one, now);
  });
  onOne("compare-again", async (supporter) => {
    for (const key of supporter.keys) if (isDoubted(supporter, key)) await compareAgain(supporter, key);
  });
  onChange(() => {
    if (!everybody.hidden) enterAll(everybody);
    if (!one.hidden && !one.querySelector("[aria-busy]")) enterOne(one, id);
  });
  beginShares();
};
