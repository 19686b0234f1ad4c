// Reading, on a hard night: big, calm, one part after another.

import {hasPeople, KINDS, kindOf, lettersIn, dialled, nameOf, numberOf, peopleIn, type Somebody} from "./kinds.ts";
import {sentence} from "./say.ts";
import {place, put, row, screen, show} from "./screens.ts";
import {isWritten} from "./standing.ts";
import {onChange, part, synced} from "./vault.ts";

const FIRST = ["alone", "around", "people"];
const section = document.querySelector<HTMLElement>('[data-screen="read"]');
let shown = "";

const written = (): string[] => KINDS.filter((kind) => isWritten(part(kind)));

const enter = (within: HTMLElement, number: string): void => {
  shown = isWritten(part(kindOf(number))) ? kindOf(number) : "";
  place(within, "choices").hidden = Boolean(shown);
  place(within, "reading").hidden = !shown;
  if (shown) read(within, shown);
  else choose(within);
};

const choose = (within: HTMLElement): void => {
  const there = written();
  const first = FIRST.filter((kind) => there.includes(kind)), rest = there.filter((kind) => !FIRST.includes(kind));
  place(within, "first-choices").replaceChildren(...first.map((kind) => choice(kind, row("choice-first"))));
  fill(within, "more-choices", rest.map((kind) => choice(kind, row("choice"))));
  place(within, "nothing").hidden = there.length > 0;
  connection(within);
};

const choice = (kind: string, made: HTMLElement): HTMLElement => {
  const link = made instanceof HTMLAnchorElement ? made : made.querySelector("a") as HTMLAnchorElement;
  link.href = `#read-${numberOf(kind)}`;
  (link.querySelector("b") as HTMLElement).textContent = nameOf(kind);
  return made;
};

/** "No connection" where there is none, and the way to sign in for whoever is signed out. */
export const connection = (within: HTMLElement): void => {
  put(within, "connection", sentence("offline")).hidden = synced() !== "offline";
  place(within, "signed-out").hidden = synced() !== "signed_out";
};

const read = (within: HTMLElement, kind: string): void => {
  const found = part(kind), there = written(), next = there[there.indexOf(kind) + 1];
  put(within, "name", nameOf(kind));
  paragraphs(place(within, "text"), kind, found?.text ?? "");
  fill(within, "people", hasPeople(kind) ? peopleIn(found?.more).flatMap(linesOf) : []);
  fill(within, "letters", kind === "letters" ? lettersIn(found?.more).map(({title}, at) => letterRow(title, at)) : []);
  const on = place(within, "next") as HTMLAnchorElement;
  on.hidden = !next;
  on.href = `#read-${numberOf(next ?? "")}`;
  put(within, "next-name", next ? nameOf(next) : "");
  (place(within, "change") as HTMLAnchorElement).href = kind === "letters" ? "#letters" : `#part-${numberOf(kind)}`;
};

const fill = (within: HTMLElement, name: string, children: HTMLElement[]): void => {
  const list = place(within, name);
  list.replaceChildren(...children);
  list.hidden = !children.length;
};

/** Every line as it was written. The practical list is a list. */
const paragraphs = (into: HTMLElement, kind: string, text: string): void => {
  const lines = text.split("\n").filter((line) => line.trim());
  into.hidden = !lines.length;
  const made = lines.map((line) => {
    const each = document.createElement(kind === "list" ? "li" : "p");
    each.textContent = line;
    return each;
  });
  if (kind !== "list") return into.replaceChildren(...made);
  const list = document.createElement("ul");
  list.className = "asks";
  list.append(...made);
  into.replaceChildren(list);
};

/** To call and to text; whoever has no number that can be dialled is named. */
const linesOf = ({name, number, text}: Somebody): HTMLElement[] => {
  const digits = dialled(number), about = [number, text].filter(Boolean).join(". ");
  if (!digits) return [line("line", "", name || number, digits || !number ? text ?? "" : about)];
  return [
    line("line-call", digits, sentence("call", {name: name || number}), about),
    line("line-text", digits, sentence("text", {name: name || number}), number),
  ];
};

/** What a link does with a number stands in its template; no script of ours dials. */
const line = (kind: string, digits: string, title: string, about: string): HTMLElement => {
  const made = row(kind), link = made.querySelector("a") as HTMLAnchorElement;
  if (digits) link.href = `${link.getAttribute("href") ?? ""}${digits}`;
  (link.querySelector("b") as HTMLElement).textContent = title;
  (link.querySelector("span") as HTMLElement).textContent = about;
  return made;
};

const letterRow = (title: string, at: number): HTMLElement => {
  const made = row("letter-to-open");
  put(made, "title", title || sentence("letter"));
  (made.querySelector("a") as HTMLAnchorElement).href = `#open_letter-${at + 1}`;
  return made;
};

const openLetter = (within: HTMLElement, number: string): void => {
  const letter = lettersIn(part("letters")?.more)[Number(number) - 1];
  if (!letter) return show("read", "", true);
  put(within, "title", letter.title || sentence("letter"));
  paragraphs(place(within, "text"), "letters", letter.text);
};

export const beginReader = (): void => {
  if (!section) return;
  screen("read", {enter});
  screen("open_letter", {enter: openLetter});
  onChange(() => { if (!section.hidden && !shown) choose(section); });
};

/** Whether there is anything to read. */
export const hasWords = (): boolean => written().length > 0;
