// One part of a plan: an age file to the vault, which holds a signed page. Nothing outside tells which part it is.

import {hex, random} from "./bytes.ts";
import {type Keys, openedWith, sealedTo} from "./keys.ts";
import {pack, unpack} from "./page.ts";
import {Refused} from "./refused.ts";

export interface Part {
  /** 32 letters and digits that follow from the secret and the kind; the server files it under this, and cannot tell which it is. */
  id: string;
  /** Which of the parts it is; see docs/reference/plan-format.md. */
  kind: string;
  /** 1 at first, and one more at every change. */
  version: number;
  /** When it was last changed: ISO 8601 in UTC. */
  at: string;
  /** Said in so many words that this part is not wanted. */
  notForMe: boolean;
  text: string;
  /** What only some kinds have, such as who may read it, or the numbers of people. */
  more?: Record<string, unknown>;
}

export const newId = (): string => hex(random(16));

export const sealPart = async (part: Part, keys: Keys): Promise<Uint8Array> =>
  sealedTo([keys.recipient], pack("part", part, keys));

/**
 * The part in `file`, filed under `id`. `seen` is the highest version of it this browser knows, 0 for none.
 * Throws `Refused`: `not_opened`, `tampered` (also when it is another part's file), or `older`.
 */
export const openPart = async (id: string, file: Uint8Array, keys: Keys, seen: number): Promise<Part> => {
  const part = unpack("part", await openedWith(keys.identity, file), keys.verifyKey);
  if (!isPart(part) || part.id !== id) throw new Refused("tampered");
  if (part.version < seen) throw new Refused("older");
  return part;
};

const isPart = (content: unknown): content is Part => {
  const part = content as Part;
  return typeof part === "object" && part !== null && typeof part.id === "string"
    && typeof part.kind === "string" && Number.isSafeInteger(part.version) && part.version > 0
    && typeof part.at === "string" && typeof part.notForMe === "boolean" && typeof part.text === "string";
};
