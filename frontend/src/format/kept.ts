// A plan kept as a file of its own: plain age under the seven words, so that any age tool opens it without us.

import {Decrypter, Encrypter} from "age-encryption";
import {text, utf8} from "./bytes.ts";
import {Refused} from "./refused.ts";
import {WORK_FACTOR} from "./slot.ts";
import {passphraseOf} from "./words.ts";

export const sealedUnder = async (passphrase: string, bytes: Uint8Array): Promise<Uint8Array> => {
  const encrypter = new Encrypter();
  encrypter.setPassphrase(passphrase);
  encrypter.setScryptWorkFactor(WORK_FACTOR);
  return encrypter.encrypt(bytes);
};

/** The file to keep. `typed` are the words, however they were typed. */
export const sealKept = async (plan: string, typed: string): Promise<Uint8Array> =>
  sealedUnder(passphraseOf(typed), utf8(plan));

/** The plan in `file`. Throws `Refused`. */
export const openKept = async (file: Uint8Array, typed: string): Promise<string> => {
  const decrypter = new Decrypter();
  decrypter.addPassphrase(passphraseOf(typed));
  return text(await decrypter.decrypt(file).catch(() => { throw new Refused("not_opened"); }));
};
