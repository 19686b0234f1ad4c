// The page after a yes: what the person shows to whoever has the call, read here and kept nowhere.
// It stands beside the parts that live.js exchanges, and asks the server itself whether it is still theirs.

import {Answered, ask, Offline} from "../plan/api.ts";
import type {Given, Opened} from "./opening.ts";

/** So soon it is asked whether what is read is still shown; whether there is something now; and whose call it is now. */
const AGAIN_MS = 10_000, SELDOM_MS = 15_000, AWAIT_MS = 2_000;
const GONE = [403, 404, 410];

/** `live` is the element whose `data-state` live.js keeps true; `place` is where what can be read is put. */
export const watch = (live: HTMLElement, place: HTMLElement): void => {
  let timer = 0, turn = 0, isLeaving = false;
  const clear = (): void => {
    turn += 1;
    place.replaceChildren();
  };
  const look = async (): Promise<void> => {
    clearTimeout(timer);
    if (isLeaving || document.hidden) return clear();
    // live.js puts the sentences in while nobody is at a button, so they may come a little later.
    if (!words()) clear();
    const mine = turn += 1, opened = words() ? await given() : "unknown";
    // What came late is about a page that is no longer looked at.
    if (mine !== turn) return;
    if (opened === "gone") clear();
    else if (opened !== "unknown") fill(place, opened);
    timer = window.setTimeout(look, place.childElementCount ? AGAIN_MS : words() ? SELDOM_MS : AWAIT_MS);
  };
  new MutationObserver(() => void look()).observe(live, {attributeFilter: ["data-state"]});
  document.addEventListener("visibilitychange", () => void look());
  addEventListener("pagehide", () => { isLeaving = true; clear(); });
  addEventListener("pageshow", () => { isLeaving = false; void look(); });
  void look();
};

/** The sentences of this part; the page has them only while the call is the reader's. */
const words = (): HTMLElement | null => document.getElementById("shown-words");

const given = async (): Promise<Opened | "gone" | "unknown"> => {
  try {
    const {body} = await ask<Given>("POST", `${location.pathname}/plan`);
    if (!body.shares.length) return {parts: [], refused: new Set()};
    // Who is shown nothing need not load what opens it.
    return await (await import("./opening.ts")).openGiven(body);
  } catch (error) {
    if (error instanceof Answered && GONE.includes(error.status)) return "gone";
    // Without a line, what is open stays: it was theirs a moment ago, and the night goes on.
    if (error instanceof Answered || error instanceof Offline) return "unknown";
    // Such as a browser that keeps nothing.
    return {parts: [], refused: new Set(["not_opened"])};
  }
};

const fill = (place: HTMLElement, {parts, refused}: Opened): void => {
  const says = words();
  if (!says) return;
  const made = [
    ...parts.map((part) => section(titleOf(says, part.kind), part.text)),
    ...[...refused].map((reason) => notice(says.getAttribute(`data-${reason.replaceAll("_", "-")}`) ?? "")),
  ];
  if (parts.length) made.push(small(says.dataset["closes"] ?? ""));
  const before = [...place.children].map((each) => each.textContent).join("\n");
  if (before !== made.map((each) => each.textContent).join("\n")) place.replaceChildren(...made);
};

const titleOf = (says: HTMLElement, kind: string): string =>
  says.getAttribute(`data-kind-${kind}`) ?? says.dataset["other"] ?? "";

const section = (title: string, text: string): HTMLElement => {
  const made = document.createElement("section"), heading = document.createElement("h2");
  const own = document.createElement("blockquote");
  made.className = "part";
  made.dataset["secret"] = "";
  heading.textContent = title;
  own.className = "own as-typed";
  own.textContent = text;
  made.append(heading, own);
  return made;
};

const notice = (line: string): HTMLElement => paragraph("notice", line);
const small = (line: string): HTMLElement => paragraph("fine gap", line);
const paragraph = (name: string, line: string): HTMLElement => {
  const made = document.createElement("p");
  made.className = name;
  made.textContent = line;
  return made;
};
