// Taking the plan out of here: on paper, as a file anybody can read, or as one that the seven words open.
// All of it is made in this browser; nothing is asked of the server.

import {Refused} from "../format/refused.ts";
import {help, tell as told} from "./keys_typing.ts";
import {KINDS, lettersIn, nameOf, peopleIn} from "./kinds.ts";
import type {Chapter, Sheet} from "./readable.ts";
import {sentence} from "./say.ts";
import {onPress, onSubmit, place, put, row, screen, show} from "./screens.ts";
import {isWritten} from "./standing.ts";
import {all, fileIn, keys, onLock, part} from "./vault.ts";

const REVOKED_AFTER_MS = 20_000, WORDS = 7;
const readable = () => import("./readable.ts"), lists = () => import("../format/words.ts");

const sectionOf = (name: string): HTMLElement | null => document.querySelector(`[data-screen="${name}"]`);

// --- what is taken

const written = (): string[] => KINDS.filter((kind) => isWritten(part(kind)));
const leftOut = new Set<string>();
let title = "";

const chapterOf = (kind: string): Chapter => {
  const found = part(kind);
  return {
    name: nameOf(kind),
    text: found?.text ?? "",
    lines: peopleIn(found?.more).map(({name, number, text}) => [name, number, text].filter(Boolean).join(", ")),
    letters: lettersIn(found?.more).map((letter) => ({title: letter.title || sentence("letter"), text: letter.text})),
  };
};

const sheet = (): Sheet => ({
  title: title.trim() || sentence("paper_title"),
  date: new Date().toLocaleDateString(document.documentElement.lang, {dateStyle: "long"}),
  chapters: written().filter((kind) => !leftOut.has(kind)).map(chapterOf),
});

const enterChoice = (within: HTMLElement): void => {
  told(within, "");
  const rows = written().map((kind) => {
    const made = row("paper-part"), box = made.querySelector("input") as HTMLInputElement;
    put(made, "name", nameOf(kind));
    box.checked = !leftOut.has(kind);
    box.addEventListener("change", () => { leftOut[box.checked ? "delete" : "add"](kind); });
    return made;
  });
  place(within, "parts").replaceChildren(...rows);
  place(within, "some").hidden = !rows.length;
  place(within, "none").hidden = rows.length > 0;
  const field = place(within, "title") as HTMLInputElement;
  field.value = title || sentence("paper_title");
  field.oninput = () => { title = field.value; };
};

/** Go on with what was chosen, unless that is nothing. */
const chosen = (within: HTMLElement, go: () => void): void =>
  sheet().chapters.length ? go() : told(within, "nothing");

// --- on paper

const enterSheet = (within: HTMLElement): void => {
  const {title, date, chapters} = sheet();
  if (!chapters.length) return show("paper", "", true);
  put(within, "title", title);
  put(within, "date", date);
  place(within, "chapters").replaceChildren(...chapters.map(drawn));
};

const drawn = ({name, text, lines, letters}: Chapter): HTMLElement => {
  const made = row("paper-chapter"), into = place(made, "text");
  put(made, "name", name);
  into.append(...text.split("\n").filter((line) => line.trim()).map((line) => element("p", line)));
  if (lines.length) into.append(listOf(lines));
  for (const letter of letters) {
    into.append(element("h3", letter.title));
    into.append(...letter.text.split("\n").filter((line) => line.trim()).map((line) => element("p", line)));
  }
  return made;
};

const element = (tag: string, words: string): HTMLElement => {
  const made = document.createElement(tag);
  made.textContent = words;
  return made;
};

const listOf = (lines: string[]): HTMLElement => {
  const list = document.createElement("ul");
  list.append(...lines.map((line) => element("li", line)));
  return list;
};

/** Only the sheet, under a title that says nothing: browsers print the page's own at the head of the paper. */
const printSheet = (): void => {
  const before = document.title;
  document.body.dataset["print"] = "sheet";
  document.title = sheet().title;
  addEventListener("afterprint", () => {
    delete document.body.dataset["print"];
    document.title = before;
  }, {once: true});
  print();
};

// --- as a file

const offered = new Set<string>();
const takeBack = (address: string): void => {
  URL.revokeObjectURL(address);
  offered.delete(address);
};

/** The browser saves it. Its address is taken back when that is done, and at once when the plan closes. */
const offer = (name: string, content: Blob): void => {
  const address = URL.createObjectURL(content), link = document.createElement("a");
  offered.add(address);
  link.href = address;
  link.download = name;
  link.click();
  // Safari reads it a good while after this turn.
  setTimeout(takeBack, REVOKED_AFTER_MS, address);
};

const keepReadable = async (within: HTMLElement): Promise<void> => {
  const {fileName, plainText} = await readable(), name = fileName(new Date(), "txt");
  offer(name, new Blob([plainText(sheet())], {type: "text/plain;charset=utf-8"}));
  tellFile(within, name);
};

const tellFile = (within: HTMLElement, name: string): void => {
  put(within, "file", name);
  told(within, "kept");
};

/**
 * Whether these are the words of this plan: a slip of the finger would make a file that nothing opens. Says what is
 * wrong: `slips`, `seven`, `wrong`, `no_words` (the plan has none yet); "" when all is well.
 */
const wrongWith = async (typed: string): Promise<string> => {
  const {passphraseOf, unknownIn} = await lists(), passphrase = passphraseOf(typed);
  const slots = all()?.slots.filter(({kind}) => kind === "C") ?? [];
  if (!slots.length) return "no_words";
  if (unknownIn(typed).length) return "slips";
  if (passphrase.split(" ").length !== WORDS) return "seven";
  const {openSlot} = await import("../format/slot.ts");
  for (const {body} of slots) {
    try {
      await openSlot("C", fileIn(body), {passphrase}, keys().recipient);
      return "";
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }
  return "wrong";
};

const keepSealed = async (within: HTMLElement, field: HTMLTextAreaElement): Promise<void> => {
  told(within, "");
  const typed = field.value, wrong = await wrongWith(typed);
  if (wrong) {
    told(within, wrong);
    if (wrong === "slips") put(within, "slips", (await lists()).unknownIn(typed).join(", "));
    return field.focus();
  }
  const [{sealKept}, {fileName, plainText}] = await Promise.all([import("../format/kept.ts"), readable()]);
  const file = await sealKept(plainText(sheet()), typed), name = fileName(new Date(), "age");
  offer(name, new Blob([new Uint8Array(file)], {type: "application/octet-stream"}));
  field.value = "";
  tellFile(within, name);
};

// --- the screens

const beginChoice = (within: HTMLElement): void => {
  screen("paper", {enter: enterChoice, leave: () => told(within, "")});
  for (const name of ["sheet", "readable", "sealed"])
    onPress(within, `to-${name}`, () => chosen(within, () => show(`paper_${name}`)));
  onSubmit(within.querySelector("form"), () => chosen(within, () => show("paper_sheet")));
};

const beginSheet = (within: HTMLElement): void => {
  screen("paper_sheet", {enter: enterSheet, leave: () => {
    for (const each of within.querySelectorAll("[data-secret]")) each.replaceChildren();
  }});
  onPress(within, "print", printSheet);
};

const beginReadable = (within: HTMLElement): void => {
  screen("paper_readable", {enter: () => {
    told(within, "");
    if (!sheet().chapters.length) show("paper", "", true);
  }});
  onPress(within, "keep-readable", () => keepReadable(within));
};

const beginSealed = (within: HTMLElement): void => {
  const form = within.querySelector("form"), field = within.querySelector("textarea");
  if (!form || !field) return;
  screen("paper_sealed", {
    enter: () => {
      told(within, "");
      if (!sheet().chapters.length) show("paper", "", true);
    },
    leave: () => {
      form.reset();
      place(within, "offered").replaceChildren();
    },
  });
  help(field, place(within, "offered"));
  onSubmit(form, async (button) => {
    if (button?.ariaBusy === "true") return;
    if (button) button.ariaBusy = "true";
    await keepSealed(within, field).finally(() => { if (button) button.ariaBusy = "false"; });
  });
};

export const beginPaper = (): void => {
  const rooms = {paper: beginChoice, paper_sheet: beginSheet, paper_readable: beginReadable, paper_sealed: beginSealed};
  for (const [name, begin] of Object.entries(rooms)) {
    const section = sectionOf(name);
    if (section) begin(section);
  }
  onLock(() => {
    title = "";
    leftOut.clear();
    offered.forEach(takeBack);
  });
};
