// Makes docs/reference/plan-vectors.json. Run once for each number of the format: age draws fresh keys for every file,
// so a second run writes other files, which are as right. node tests/run.mjs make-vectors.ts

import {createHash} from "node:crypto";
import {writeFileSync} from "node:fs";
import {identityToRecipient} from "age-encryption";
import {hex, joined, random, utf8, written} from "../src/format/bytes.ts";
import {split} from "../src/format/halves.ts";
import {identityOf, keysOf, openedWith, sealedTo} from "../src/format/keys.ts";
import {type Note, sealNote} from "../src/format/note.ts";
import {pack} from "../src/format/page.ts";
import {type Part, sealPart} from "../src/format/part.ts";
import {type Share, type Shown, sealShare} from "../src/format/share.ts";
import {sealSlot} from "../src/format/slot.ts";
import {sealedUnder, sealKept} from "../src/format/kept.ts";
import {comparedWords, newWords, passphraseOf, unknownIn, WORDS} from "../src/format/words.ts";
import {
  drawing, type OfKept, type OfNote, type OfPage, type OfPart, type OfShare, type OfSlot, type Vector, VECTORS,
} from "./shape.ts";

const bytes = (what: string): Uint8Array =>
  new Uint8Array(createHash("sha256").update(`nightlight vector ${what}`).digest());

const secret = bytes("Ana"), other = bytes("Noa");
const keys = await keysOf(secret), others = await keysOf(other);
const phone = await keysOf(bytes("Sam's phone")), between = await keysOf(bytes("somebody between"));
const vectors: Vector[] = [];

const changedAt = (file: Uint8Array, at: number): Uint8Array => {
  const changed = file.slice();
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
};

// ---- what follows from a secret, and the halves

for (const [name, one] of [["32 zeros", new Uint8Array(32)], ["Ana's", secret], ["Noa's", other]] as const) {
  const {identity, recipient, verifyKey} = await keysOf(one);
  vectors.push({check: "secret", name, secret: written(one), identity, recipient, verify_key: written(verifyKey)});
}
for (const name of ["one", "another"]) {
  const key = bytes(`key ${name}`), [first, second] = split(key, bytes(`half ${name}`));
  const identity = identityOf(key, utf8("nightlight share open 1"));
  vectors.push({
    check: "halves", name, key: written(key), first: written(first), second: written(second), identity,
    recipient: await identityToRecipient(identity),
  });
}

// ---- pages

const page = (name: string, more: Omit<OfPage, "check" | "name" | "verify_key">): number =>
  vectors.push({check: "page", name, verify_key: written(keys.verifyKey), ...more});
const packed = (use: OfPage["use"], content: unknown): Uint8Array => pack(use, content, keys);
const good = (name: string, use: OfPage["use"], content: unknown): number =>
  page(name, {use, page: written(packed(use, content)), secret: written(secret), body: JSON.stringify(content)});

const bench = {text: "The bench by the harbour wall. O banco junto ao cais. 港の\u{1F4AA}\n\"quoted\" \\ \u0007"};
good("of a part", "part", bench);
good("of a share", "share", bench);
good("of settings", "settings", {pinned: {}});
good("that fills its size to the last byte", "part", {text: "a".repeat(1024 - 68 - 11)});
good("that is one byte longer, and twice the size", "part", {text: "a".repeat(1024 - 68 - 10)});
const whole = packed("part", bench);
const length = new DataView(whole.buffer).getUint32(64);
page("one byte of the words is another", {use: "part", page: written(changedAt(whole, 80)), refused: "tampered"});
page("one byte of the signature is another", {use: "part", page: written(changedAt(whole, 3)), refused: "tampered"});
page("signed for another use", {use: "share", page: written(whole), refused: "tampered"});
page("signed by another vault", {use: "part", page: written(pack("part", bench, others)), refused: "tampered"});
page("something stands behind the words", {use: "part", page: written(changedAt(whole, 1023)), refused: "tampered"});
page("cut off in the words", {use: "part", page: written(whole.subarray(0, 68 + length - 1)), refused: "tampered"});
page("cut off in the signature", {use: "part", page: written(whole.subarray(0, 60)), refused: "tampered"});

// ---- slots

const seven = drawing(bytes("seven").subarray(0, 30), newWords).join(" ");
const own = "Side two, loud! 1974";
const slot = (name: string, more: Omit<OfSlot, "check" | "name" | "vault"> & {vault?: string}): number =>
  vectors.push({check: "slot", name, vault: keys.recipient, ...more});
const sealedByWords = await sealSlot("C", secret, {passphrase: seven});
const toPhone = await sealSlot("A", secret, {recipient: phone.recipient});
slot("C, seven words", {kind: "C", passphrase: seven, file: written(sealedByWords), secret: written(secret)});
slot("C, where no vault is known yet",
  {kind: "C", passphrase: seven, vault: "", file: written(sealedByWords), secret: written(secret)});
slot("E, words of one's own",
  {kind: "E", passphrase: own, file: written(await sealSlot("E", secret, {passphrase: own})), secret: written(secret)});
slot("A, the key of a browser",
  {kind: "A", identity: phone.identity, file: written(toPhone), secret: written(secret)});
slot("wrong words",
  {kind: "C", passphrase: seven.replace(/^\w+/, "abacus"), file: written(sealedByWords), refused: "not_opened"});
slot("another browser's key", {kind: "A", identity: between.identity, file: written(toPhone), refused: "not_opened"});
slot("one byte of the file is another",
  {kind: "A", identity: phone.identity, file: written(changedAt(toPhone, toPhone.length - 1)), refused: "not_opened"});
slot("the file is cut short",
  {kind: "A", identity: phone.identity, file: written(toPhone.subarray(0, 100)), refused: "not_opened"});
slot("of another vault", {
  kind: "C", passphrase: seven, file: written(await sealSlot("C", other, {passphrase: seven})), refused: "other_vault",
});
slot("of another kind", {kind: "E", passphrase: seven, file: written(sealedByWords), refused: "tampered"});
const byHand = async (name: string, inside: Uint8Array): Promise<number> => slot(name, {
  kind: "A", identity: phone.identity, refused: "tampered", file: written(await sealedTo([phone.recipient], inside)),
});
const lines = (recipient: string, end = ""): Uint8Array =>
  utf8(`nightlight slot 1\nkind A\nvault ${recipient}\nsecret ${written(secret)}\n${end}`);
await byHand("it names one vault and holds the secret of another", lines(others.recipient));
await byHand("there is a line too many", lines(keys.recipient, "and more\n"));
await byHand("it holds no text", Uint8Array.of(0xff, 0xfe));

// ---- parts

const bank: Part = {
  id: "0123456789abcdef0123456789abcdef", kind: "around", version: 3, at: "2026-11-21T20:51:00.000Z",
  notForMe: false, text: "The bench by the harbour wall.\nBo’s dog.",
};
const part = (name: string, more: Partial<OfPart> & {file: string}): number =>
  vectors.push({check: "part", name, id: bank.id, secret: written(secret), seen: 0, ...more});
const sealed = await sealPart(bank, keys);
part("opens", {file: written(sealed), content: bank});
part("that was read before", {file: written(sealed), seen: 3, content: bank});
part("with more than words", await (async () => {
  const content: Part = {...bank, kind: "people", more: {people: [{name: "Bo", number: "+44 7700 900100"}]}};
  return {file: written(await sealPart(content, keys)), content};
})());
part("an older version, played again", {file: written(sealed), seen: 4, refused: "older"});
part("filed under another part", {file: written(sealed), id: "f".repeat(32), refused: "tampered"});
part("one byte of the file is another",
  {file: written(changedAt(sealed, sealed.length - 200)), refused: "not_opened"});
part("of another vault", {file: written(await sealPart(bank, others)), refused: "not_opened"});
part("sealed to the vault and signed by another",
  {file: written(await sealPart(bank, {...others, recipient: keys.recipient})), refused: "tampered"});
part("a page of a share, filed as a part",
  {file: written(await sealedTo([keys.recipient], pack("share", bank, keys))), refused: "tampered"});

// ---- shares

const shown: Shown = {
  id: "89abcdef0123456789abcdef01234567", kind: "how", version: 2, at: "2026-11-21T20:52:00.000Z",
  text: "Sit with me. You need not say anything.", to: phone.recipient,
};
const share = (name: string, {body, half, kept}: Share, more: Partial<OfShare>): number => vectors.push({
  check: "share", name, id: shown.id, body: written(body), half: written(half), kept, identity: phone.identity,
  own: phone.recipient, verify_key: written(keys.verifyKey), seen: 0, ...more,
});
const given = await sealShare(shown, keys), second = await sealShare(shown, keys);
const elsewhere = await sealShare({...shown, id: "1".repeat(32)}, keys);
share("opens with both halves", given, {content: shown});
share("that was read before", given, {seen: 2, content: shown});
share("an older version, played again", given, {seen: 3, refused: "older"});
share("opened by another browser", given, {identity: between.identity, own: between.recipient, refused: "not_opened"});
// Somebody between gave the person a key of their own for Sam's, opened the half, and passed it on.
const intercepted = await sealShare({...shown, to: between.recipient}, keys);
const passedOn = await sealedTo([phone.recipient], await openedWith(between.identity, intercepted.half));
share("made for a key that somebody put in the place of the supporter's", {...intercepted, half: passedOn},
  {refused: "swapped"});
share("the supporter's half of another share", {...given, half: elsewhere.half}, {refused: "tampered"});
share("the supporter's half of the same share as it was made before", {...given, half: second.half},
  {refused: "not_opened"});
share("the server's half of another share", {...given, kept: elsewhere.kept}, {refused: "not_opened"});
share("the server's half is too short", {...given, kept: written(random(31))}, {refused: "tampered"});
share("the server's half is none", {...given, kept: "?"}, {refused: "tampered"});
share("the body of another share, with its halves", {...elsewhere, half: await sealedTo(
  [phone.recipient],
  utf8(new TextDecoder().decode(await openedWith(phone.identity, elsewhere.half)).replace("1".repeat(32), shown.id)),
)}, {refused: "tampered"});
share("signed by another vault", await sealShare(shown, others), {refused: "tampered"});
share("one byte of the body is another", {...given, body: changedAt(given.body, given.body.length - 200)},
  {refused: "not_opened"});

// ---- notes

const note = (name: string, file: Uint8Array, more: Partial<OfNote>): number =>
  vectors.push({check: "note", name, secret: written(secret), file: written(file), ...more});
const fromSam: Note = {v: 1, kind: "note", from: "Sam", at: "2026-11-21T21:04:00.000Z", text: "Any time. Really."};
const letter: Note = {...fromSam, kind: "letter", title: "For when it is late", text: "I am glad that you are there."};
const asNote = await sealNote(fromSam, keys.recipient);
note("opens", asNote, {content: fromSam});
note("a letter with a title", await sealNote(letter, keys.recipient), {content: letter});
note("to another vault", await sealNote(fromSam, others.recipient), {refused: "not_opened"});
note("one byte of the file is another", changedAt(asNote, asNote.length - 200), {refused: "not_opened"});
const inNote = async (name: string, inside: Uint8Array): Promise<number> =>
  note(name, await sealedTo([keys.recipient], inside), {refused: "tampered"});
const bare = (words: string, more = 0): Uint8Array => {
  const body = utf8(words), page = new Uint8Array(1024);
  new DataView(page.buffer).setUint32(0, body.length + more);
  page.set(body, 4);
  return page;
};
await inNote("something stands behind it", changedAt(bare(JSON.stringify(fromSam)), 1023));
await inNote("longer than its page", bare(JSON.stringify(fromSam), 2000));
await inNote("no note", bare(JSON.stringify({...fromSam, kind: "call"})));
await inNote("no JSON", bare("any time"));
await inNote("shorter than its length", Uint8Array.of(0, 0));

// ---- kept as a file

const kept = (name: string, file: Uint8Array, more: Partial<OfKept>): number =>
  vectors.push({check: "kept", name, words: seven, file: written(file), ...more});
const plan = "Things that help me on my own\n\nThe bench by the harbour wall.\nBo’s dog.\n";
const asFile = await sealKept(plan, seven);
kept("opens with its words", asFile, {text: plan});
kept("however they were typed", asFile, {text: plan, words: `${seven.toUpperCase().replaceAll(" ", ", ")}.`});
kept("wrong words", asFile, {words: seven.replace(/^\w+/, "abacus"), refused: "not_opened"});
kept("one byte of the file is another", changedAt(asFile, asFile.length - 1), {refused: "not_opened"});
kept("it holds no text", await sealedUnder(passphraseOf(seven), Uint8Array.of(0xff, 0xfe)), {refused: "tampered"});

// ---- words

vectors.push({
  check: "list", name: "the list of words", count: WORDS.length,
  sha256: hex(createHash("sha256").update(`${WORDS.join("\n")}\n`).digest()),
});
const drawn = (name: string, from: Uint8Array): number =>
  vectors.push({check: "drawn", name, bytes: written(from), words: drawing(from, newWords)});
drawn("seven numbers in a row", Uint8Array.from({length: 14}, (_, at) => at % 2 ? Math.floor(at / 2) : 0));
drawn("the last number taken, and numbers that are drawn again", joined(
  Uint8Array.of(0xff, 0xff, 0xe9, 0x90, 0xe9, 0x8f, 0x1d, 0x32), bytes("drawn").subarray(0, 16)));
for (const [name, typed] of [
  ["as they are", seven],
  ["in capitals, with numbers and dashes between", `1. ${seven.toUpperCase().replaceAll(" ", "\n2 - ")}.`],
  ["with full-width letters, as some keyboards write", "ａｂａｃｕｓ　abdomen"],
  ["with two that are not in the list", "abacus abdomeen zzz"],
  ["nothing", " ,"],
] as const) vectors.push({check: "typed", name, typed, passphrase: passphraseOf(typed), unknown: unknownIn(typed)});
const compared = async (name: string, ...two: string[]): Promise<number> =>
  vectors.push({check: "compared", name, keys: two, words: await comparedWords(...two)});
await compared("of two keys", keys.recipient, phone.recipient);
await compared("of the same two, the other way round", phone.recipient, keys.recipient);
await compared("with somebody between", keys.recipient, between.recipient);

writeFileSync(VECTORS, `${JSON.stringify({format: 1, vectors}, null, 1)}\n`);
console.log(`${vectors.length} vectors`);
