// A letter or a note from a supporter: an age file to the vault. Length, words, and zeros up to the next size.
// Nothing in it is signed: a supporter has no key that signs, so the server's word on who wrote it is all there is.

import {joined, text, utf8} from "./bytes.ts";
import {openedWith, sealedTo} from "./keys.ts";
import {Refused} from "./refused.ts";

export type NoteKind = "letter" | "note";

export interface Note {
  v: 1;
  /** A letter waits for a bad night; a note may be read at any time. */
  kind: NoteKind;
  /** What the writer calls themselves. Anybody can write any name here. */
  from: string;
  /** When it was written: ISO 8601 in UTC. */
  at: string;
  title?: string;
  text: string;
}

/** The largest is the longest a server takes. */
export const NOTE_SIZES = [1024, 2048, 4096, 8192, 16384] as const;
const LENGTH_BYTES = 4;

/** `note` for the vault of this `recipient`. Throws `Refused`: `too_long`. */
export const sealNote = async (note: Note, recipient: string): Promise<Uint8Array> => {
  const body = utf8(JSON.stringify(note)), needed = LENGTH_BYTES + body.length;
  const size = NOTE_SIZES.find((each) => each >= needed);
  if (size === undefined) throw new Refused("too_long");
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, body.length);
  return sealedTo([recipient], joined(length, body, new Uint8Array(size - needed)));
};

/** The note in `file`. Throws `Refused`: `not_opened`, or `tampered` when what it holds is no note. */
export const openNote = async (file: Uint8Array, identity: string | CryptoKey): Promise<Note> => {
  const page = await openedWith(identity, file);
  if (page.length < LENGTH_BYTES) throw new Refused("tampered");
  const length = new DataView(page.buffer, page.byteOffset).getUint32(0);
  const body = page.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  if (body.length !== length || page.subarray(LENGTH_BYTES + length).some((byte) => byte !== 0))
    throw new Refused("tampered");
  return noteIn(body);
};

const noteIn = (body: Uint8Array): Note => {
  let content: unknown;
  try {
    content = JSON.parse(text(body));
  } catch {
    throw new Refused("tampered");
  }
  if (!isNote(content)) throw new Refused("tampered");
  return content;
};

const isNote = (content: unknown): content is Note => {
  const note = content as Note;
  return typeof note === "object" && note !== null && note.v === 1
    && (note.kind === "letter" || note.kind === "note") && typeof note.from === "string"
    && typeof note.at === "string" && typeof note.text === "string"
    && (note.title === undefined || typeof note.title === "string");
};
