// Names and numbers of people, as the person wrote them in the plan, to be there without a question on a night
// without a network. They lie in this browser only, sealed to its own key; the server has no such file.
import {text, utf8} from "../format/bytes.ts";
import {openedWith, sealedTo} from "../format/keys.ts";
import {CURRENT, type Device, get, put, remove, shelf} from "../plan/db.ts";
import {identityOfDevice} from "../plan/device.ts";
import type {Somebody} from "../plan/kinds.ts";

export interface Numbers {
  people: Somebody[];
  /** The first words of a text to them; "" for ours. */
  opening: string;
}

/** A file of this browser's; "shut" when the person wants it behind the PIN of the plan. */
type File = Uint8Array | "shut";

const at = (recipient: string): string => `${shelf(recipient).everything}numbers`;

/** This browser's own key for the plan of `recipient`. A PIN changes it. */
export const deviceOf = (recipient: string): Promise<Device | undefined> => get<Device>(shelf(recipient).device);

/** What this browser keeps, opened by its own key. */
export const numbersHere = async (): Promise<Numbers | "shut" | null> => {
  const recipient = await get<string>(CURRENT);
  if (!recipient) return null;
  const file = await get<File>(at(recipient)), device = await deviceOf(recipient);
  if (!file || file === "shut") return file ?? null;
  if (!device) return null;
  return JSON.parse(text(await openedWith(await identityOfDevice(device), file))) as Numbers;
};

/** Keep `numbers` for the plan of `recipient`, in place of what was kept before. */
export const keepNumbers = async (recipient: string, device: Device, numbers: Numbers | "shut"): Promise<void> => {
  if (numbers === "shut") return put(at(recipient), "shut");
  if (!numbers.people.length) return remove(at(recipient));
  await put(at(recipient), await sealedTo([device.recipient], utf8(JSON.stringify(numbers))));
};
