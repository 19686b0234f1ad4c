// What stands in docs/reference/plan-vectors.json. Bytes are written as everywhere: base64url without padding.

import {readFileSync} from "node:fs";
import {join} from "node:path";
import type {Note} from "../src/format/note.ts";
import type {Part} from "../src/format/part.ts";
import type {Reason} from "../src/format/refused.ts";
import type {Shown} from "../src/format/share.ts";
import type {SlotKind} from "../src/format/slot.ts";

/** Programs are run in frontend/. */
export const VECTORS = join(process.cwd(), "../docs/reference/plan-vectors.json");

/** What is refused says why; everything else says what comes of it. */
interface Named<Check extends string> { check: Check; name: string; refused?: Reason }

export interface OfSecret extends Named<"secret"> {
  secret: string; identity: string; recipient: string; verify_key: string;
}
export interface OfHalves extends Named<"halves"> {
  key: string; first: string; second: string; identity: string; recipient: string;
}
export interface OfPage extends Named<"page"> {
  use: "part" | "share" | "settings"; verify_key: string; page: string;
  /** With these the page can be made anew, byte for byte; for pages that are right. */
  secret?: string; body?: string;
}
export interface OfSlot extends Named<"slot"> {
  kind: SlotKind; passphrase?: string; identity?: string; vault: string; file: string; secret?: string;
}
export interface OfPart extends Named<"part"> {
  id: string; secret: string; seen: number; file: string; content?: Part;
}
export interface OfShare extends Named<"share"> {
  id: string; body: string; half: string; kept: string; identity: string; own: string; verify_key: string;
  seen: number; content?: Shown;
}
/** A note from a supporter, sealed to the vault of `secret`. */
export interface OfNote extends Named<"note"> { secret: string; file: string; content?: Note }
/** A plan kept as a file of its own. */
export interface OfKept extends Named<"kept"> { words: string; file: string; text?: string }
export interface OfTyped extends Named<"typed"> { typed: string; passphrase: string; unknown: string[] }
export interface OfDrawn extends Named<"drawn"> { bytes: string; words: string[] }
export interface OfCompared extends Named<"compared"> { keys: string[]; words: string[] }
export interface OfList extends Named<"list"> { count: number; sha256: string }

export type Vector =
  OfSecret | OfHalves | OfPage | OfSlot | OfPart | OfShare | OfNote | OfKept | OfTyped | OfDrawn | OfCompared | OfList;

export interface Vectors { format: 1; vectors: Vector[] }

export const published = (): Vectors => JSON.parse(readFileSync(VECTORS, "utf8")) as Vectors;

/** Do `what` while the browser's chance gives `bytes`, in this order. */
export const drawing = <Result>(bytes: Uint8Array, what: () => Result): Result => {
  const real = crypto.getRandomValues;
  let at = 0;
  const given = (into: Uint8Array): Uint8Array => {
    if (at + into.length > bytes.length) throw new Error("more was drawn than the vector holds");
    into.set(bytes.subarray(at, at += into.length));
    return into;
  };
  crypto.getRandomValues = given as typeof real;
  try {
    return what();
  } finally {
    crypto.getRandomValues = real;
  }
};
