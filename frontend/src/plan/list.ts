// All parts, each with how it stands; and what has to be said about the whole plan.

import {send} from "./api.ts";
import {couldNot} from "./editor.ts";
import {KINDS, nameOf} from "./kinds.ts";
import {connection, hasWords} from "./reader.ts";
import {say, sentence} from "./say.ts";
import {onPress, place, put, row, screen, show} from "./screens.ts";
import {stateOf} from "./standing.ts";
import {all, lock, onChange, putBack, refusedIn, refusedUnknown} from "./vault.ts";

const section = document.querySelector<HTMLElement>('[data-screen="list"]');
let wasAsked = false;

const enter = (within: HTMLElement): void => {
  for (const kind of KINDS) {
    const link = within.querySelector<HTMLElement>(`[data-kind="${kind}"]`);
    if (link) put(link, "state", stateOf(kind));
  }
  place(within, "look-again").hidden = wasAsked || !all()?.look_again;
  place(within, "troubles").replaceChildren(...troubles());
  place(within, "read").hidden = !hasWords();
  connection(within);
};

/** What the server sent and was not taken, in plain words, with what can be done. */
const troubles = (): HTMLElement[] => {
  const known = [...KINDS, "settings"].filter(refusedIn).map((kind) => {
    const made = row("trouble");
    const isLong = refusedIn(kind) === "too_long";
    put(made, "words", sentence(isLong ? "too_long_joined" : refusedIn(kind), {name: nameOf(kind)}));
    made.querySelector("button")?.setAttribute("data-part", kind);
    if (isLong) made.querySelector(".tools")?.remove();
    return made;
  });
  if (!refusedUnknown().length) return known;
  const made = row("trouble");
  put(made, "words", sentence("nothing_good"));
  made.querySelector(".tools")?.remove();
  return [...known, made];
};

/** It is asked once; whatever is pressed, not again before the next time. */
const answered = async (leadsTo: string): Promise<void> => {
  wasAsked = true;
  show(leadsTo);
  if (section) enter(section);
  await send("POST", "/plan/looked", {}).catch(() => undefined);
};

export const beginList = (): void => {
  if (!section) return;
  screen("list", {enter, leave: () => say("")});
  onChange(() => { if (!section.hidden) enter(section); });
  onPress(section, "look", () => answered("read"));
  onPress(section, "not-now", () => answered("list"));
  onPress(section, "close", lock);
  onPress(section, "put-back", (button) => putBack(button.dataset["part"] ?? "").catch(couldNot));
};
