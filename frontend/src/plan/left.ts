// Notes others left: they stay closed until one is opened, and one at a time.

import {read} from "../format/bytes.ts";
import {type Note, openNote} from "../format/note.ts";
import {Refused} from "../format/refused.ts";
import {Answered, send} from "./api.ts";
import {say, sentence} from "./say.ts";
import {onPress, place, put, row, screen} from "./screens.ts";
import {moment} from "./standing.ts";
import {all, keys, onChange, state, sync} from "./vault.ts";

const section = document.querySelector<HTMLElement>('[data-screen="notes"]');
const count = document.querySelector<HTMLElement>('[data-place="notes-count"]');
const NOT_THERE = 404;
let open = "";

const enter = (within: HTMLElement): void => {
  const notes = all()?.notes ?? [];
  if (!notes.some(({id}) => id === open)) close(within);
  place(within, "none").hidden = notes.length > 0;
  place(within, "notes").replaceChildren(...notes.map(({id, writer, made_at: at}) => {
    const made = row("note"), button = made.querySelector("button") as HTMLButtonElement;
    put(made, "from", sentence("note_from", {name: writer.name}));
    put(made, "at", moment(at));
    button.dataset["id"] = id;
    return made;
  }));
};

const close = (within: HTMLElement): void => {
  open = "";
  place(within, "open").hidden = true;
  place(within, "closed").hidden = false;
  for (const name of ["title", "about", "text"]) place(within, name).replaceChildren();
};

const openOne = async (within: HTMLElement, id: string): Promise<void> => {
  const note = all()?.notes.find((each) => each.id === id);
  if (!note) return;
  const found = await openNote(read(note.body), keys().identity).catch((error: unknown) => {
    if (error instanceof Refused) return error.reason;
    throw error;
  });
  // The plan may have been closed meanwhile.
  if (state() !== "open") return;
  if (typeof found === "string") return say(`note_${found}`, {name: note.writer.name});
  say("");
  open = id;
  lay(within, found, note.writer.name, moment(note.made_at));
};

/** Whose page it was sent from is the server's word; the name inside is what its writer wrote. */
const lay = (within: HTMLElement, note: Note, name: string, at: string): void => {
  put(within, "title", sentence("note_from", {name}));
  put(within, "about", sentence(note.kind === "note" ? "note_any" : "note_bad", {name: note.from, at}));
  put(within, "text", note.text);
  place(within, "sure").hidden = true;
  place(within, "closed").hidden = true;
  place(within, "open").hidden = false;
  place(within, "title").focus();
};

const erase = async (within: HTMLElement): Promise<void> => {
  try {
    await send("DELETE", `/plan/notes/${open}`);
  } catch (error) {
    if (!(error instanceof Answered) || error.status !== NOT_THERE) return say("note_offline");
  }
  close(within);
  say("note_erased");
  await sync();
};

const counted = (): void => {
  if (!count) return;
  const left = state() === "open" ? all()?.notes.length ?? 0 : undefined;
  count.textContent = left === undefined ? "" : left ? sentence("notes_count", {count: String(left)}) : sentence("no_notes");
};

export const beginLeft = (): void => {
  if (!section) return;
  screen("notes", {enter, leave: () => { close(section); say(""); }});
  onPress(section, "open-note", (button) => openOne(section, button.dataset["id"] ?? ""));
  onPress(section, "close-note", () => { close(section); enter(section); });
  onPress(section, "erase-note", () => { place(section, "sure").hidden = false; });
  onPress(section, "erase-not", () => { place(section, "sure").hidden = true; });
  onPress(section, "erase-surely", () => erase(section));
  onChange(() => {
    counted();
    if (!section.hidden) enter(section);
  });
};
