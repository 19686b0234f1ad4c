// Signing out: whether the plan that lies in this browser goes, too. What is in it is not opened for that.

import {send} from "../plan/api.ts";
import * as db from "../plan/db.ts";
import {tell} from "../plan/keys_typing.ts";
import {onSubmit, place} from "../plan/screens.ts";

const main = document.getElementById("main") as HTMLElement;
const form = main.querySelector<HTMLFormElement>('form[action="/sign-out"]');

/** What lies here whose name ends so. */
const ending = async <T>(end: string): Promise<T[]> => {
  const names = (await db.names("age1")).filter((name) => name.endsWith(end));
  return Promise.all(names.map(async (name) => await db.get<T>(name) as T));
};

/** The server's list of what opens the plan gets shorter by this browser, if it can be told; it is nothing without its key. */
const takeOffList = async (): Promise<void> => {
  for (const {id, sent} of await ending<db.KeptSlot>("/slot"))
    if (sent) await send("DELETE", `/plan/slots/${id}`).catch(() => undefined);
};

const takeOff = async (): Promise<void> => {
  await takeOffList();
  await db.removeUnder("age1");
  await db.remove(db.CURRENT);
};

const begin = async (): Promise<void> => {
  if (!form || !("indexedDB" in window)) return;
  const names = await db.names("age1");
  place(form, "held").hidden = !names.length;
  const parts = await Promise.all(names.filter((name) => name.includes("/part/")).map((name) => db.get<db.KeptPart>(name)));
  place(form, "unsent").hidden = !parts.some((kept) => kept?.waiting);
  onSubmit(form, async () => {
    try {
      if (form.querySelector<HTMLInputElement>('[name="off"]')?.checked) await takeOff();
    } catch {
      return tell(form, "failed");
    }
    form.submit();
  });
};

void begin();
