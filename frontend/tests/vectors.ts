// Holds the browser's side of the format to every published vector. Ends at the first that differs.

import {createHash} from "node:crypto";
import {readFileSync} from "node:fs";
import {isDeepStrictEqual} from "node:util";
import {identityToRecipient} from "age-encryption";
import {hex, read, utf8, written} from "../src/format/bytes.ts";
import {join, split} from "../src/format/halves.ts";
import {openKept} from "../src/format/kept.ts";
import {identityOf, keysOf} from "../src/format/keys.ts";
import {openNote} from "../src/format/note.ts";
import {pack, unpack} from "../src/format/page.ts";
import {openPart} from "../src/format/part.ts";
import {Refused} from "../src/format/refused.ts";
import {openShare} from "../src/format/share.ts";
import {openSlot} from "../src/format/slot.ts";
import {comparedWords, newWords, passphraseOf, unknownIn, WORDS} from "../src/format/words.ts";
import {
  drawing, type OfHalves, type OfKept, type OfNote, type OfPage, type OfPart, type OfSecret, type OfShare, type OfSlot,
  published, type Vector,
} from "./shape.ts";

/** What the vector says came of it, and what comes of it here. */
type Both = [unknown, unknown];

const ofSecret = async ({secret, identity, recipient, verify_key}: OfSecret): Promise<Both> => {
  const keys = await keysOf(read(secret));
  return [[identity, recipient, verify_key], [keys.identity, keys.recipient, written(keys.verifyKey)]];
};

const ofHalves = async ({key, first, second, identity, recipient}: OfHalves): Promise<Both> => {
  const [, other] = split(read(key), read(first));
  const opens = identityOf(join(read(first), read(second)), utf8("nightlight share open 1"));
  return [[second, identity, recipient], [written(other), opens, await identityToRecipient(opens)]];
};

const ofPage = async ({use, verify_key, page, secret, body}: OfPage): Promise<Both> => {
  const content = unpack(use, read(page), read(verify_key));
  if (secret === undefined || body === undefined) return ["a refusal", content];
  const again = pack(use, JSON.parse(body), await keysOf(read(secret)));
  return [[body, page], [JSON.stringify(content), written(again)]];
};

const ofSlot = async ({kind, passphrase, identity = "", vault, file, secret}: OfSlot): Promise<Both> =>
  [secret, written(await openSlot(kind, read(file), passphrase === undefined ? {identity} : {passphrase}, vault))];

const ofPart = async ({id, secret, seen, file, content}: OfPart): Promise<Both> =>
  [content, await openPart(id, read(file), await keysOf(read(secret)), seen)];

const ofShare = async (vector: OfShare): Promise<Both> => {
  const {id, kept, identity, own, verify_key, seen, content} = vector;
  const share = {body: read(vector.body), half: read(vector.half), kept};
  return [content, await openShare(id, share, identity, own, read(verify_key), seen)];
};

const ofNote = async ({secret, file, content}: OfNote): Promise<Both> =>
  [content, await openNote(read(file), (await keysOf(read(secret))).identity)];

const ofKept = async ({words, file, text}: OfKept): Promise<Both> => [text, await openKept(read(file), words)];

const cameOf = async (vector: Vector): Promise<Both> => {
  switch (vector.check) {
    case "secret": return ofSecret(vector);
    case "halves": return ofHalves(vector);
    case "page": return ofPage(vector);
    case "slot": return ofSlot(vector);
    case "part": return ofPart(vector);
    case "share": return ofShare(vector);
    case "note": return ofNote(vector);
    case "kept": return ofKept(vector);
    case "typed": {
      const {typed, passphrase, unknown} = vector;
      return [[passphrase, unknown], [passphraseOf(typed), unknownIn(typed)]];
    }
    case "drawn": return [vector.words, drawing(read(vector.bytes), newWords)];
    case "compared": return [vector.words, await comparedWords(...vector.keys)];
    case "list": {
      const sum = hex(createHash("sha256").update(readFileSync("words/english.txt")).digest());
      return [[vector.count, vector.sha256], [WORDS.length, sum]];
    }
  }
};

const holds = async (vector: Vector): Promise<boolean> => {
  try {
    const [said, came] = await cameOf(vector);
    return vector.refused === undefined && isDeepStrictEqual(said, came);
  } catch (error) {
    return error instanceof Refused && error.reason === vector.refused;
  }
};

const {vectors} = published();
for (const vector of vectors) {
  const isHeld = await holds(vector);
  console.log(`${isHeld ? "ok     " : "DIFFERS"} ${vector.check}: ${vector.name}`);
  if (!isHeld) process.exit(1);
}
console.log(`${vectors.length} vectors hold in JavaScript`);
