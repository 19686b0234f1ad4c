// What this browser keeps of plans: ciphertext, and a key that cannot leave it. Nothing here can be read by itself.
// One shelf for each vault, named by its recipient; `current` says whose shelf is in use.

import type {Reason} from "../format/refused.ts";

export interface Vault {
  recipient: string;
  verifyKey: string;
  wordsLater: number;
  /** Whose it is; "" until the server said who is signed in. */
  person: string;
  /** Whether the server has it. */
  registered: boolean;
}

export interface Device {
  /** An X25519 key where the browser has them, else the AES key that wraps `wrapped`. It never leaves the browser. */
  key: CryptoKey;
  recipient: string;
  wrapped?: Uint8Array<ArrayBuffer>;
}

export interface KeptSlot {
  id: string;
  label: string;
  body: Uint8Array;
  sent: boolean;
}

/** What was typed and not kept yet. */
export interface KeptDraft extends KeptPart {
  /** The part the field was filled from, sealed; none when it was empty. */
  from?: Uint8Array;
}

export interface KeptPart {
  id: string;
  body: Uint8Array;
  /** The server's revision it stands on; 0 for none. */
  revision: number;
  /** Not at the server yet. */
  waiting: boolean;
  /** The highest version seen here. */
  seen: number;
  /** The version the server had when both last agreed; what is older than that is refused. */
  base: number;
  /** The body both had then, while something else waits here. */
  was?: Uint8Array;
  /** Digests of the bodies both had, and of those that were sent from here. */
  known?: string[];
  /** What the server sent instead and was not taken: why, under which revision, and the file itself. */
  bad?: {reason: Reason; revision: number; body?: Uint8Array};
}

const STORE = "kept";
let opening: Promise<IDBDatabase> | undefined;

const answered = <T>(request: IDBRequest<T>): Promise<T> => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

const database = (): Promise<IDBDatabase> => {
  opening ??= (() => {
    const request = indexedDB.open("plan", 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return answered(request);
  })();
  return opening;
};

/** Resolves when it is on the disk, not before: "kept" must be true. */
const write = async (change: (store: IDBObjectStore) => void): Promise<void> => {
  const transaction = (await database()).transaction(STORE, "readwrite", {durability: "strict"});
  change(transaction.objectStore(STORE));
  await new Promise<void>((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = transaction.onerror = () => reject(transaction.error);
  });
};

const reading = async (): Promise<IDBObjectStore> => (await database()).transaction(STORE).objectStore(STORE);
const beneath = (above: string): IDBKeyRange => IDBKeyRange.bound(above, `${above}\uffff`);

export const get = async <T>(key: string): Promise<T | undefined> => answered((await reading()).get(key));
export const put = (key: string, value: unknown): Promise<void> => write((store) => { store.put(value, key); });
export const remove = (key: string): Promise<void> => write((store) => { store.delete(key); });

/** Everything whose name begins with `above`. */
export const under = async <T>(above: string): Promise<T[]> => answered((await reading()).getAll(beneath(above)));
export const names = async (above: string): Promise<string[]> =>
  (await answered((await reading()).getAllKeys(beneath(above)))).map(String);
export const removeUnder = (above: string): Promise<void> => write((store) => { store.delete(beneath(above)); });

/** What stands on the shelf of the vault with this `recipient`. */
export const shelf = (recipient: string) => ({
  vault: `${recipient}/vault`,
  device: `${recipient}/device`,
  slot: `${recipient}/slot`,
  all: `${recipient}/all`,
  parts: `${recipient}/part/`,
  part: (id: string): string => `${recipient}/part/${id}`,
  drafts: `${recipient}/draft/`,
  draft: (id: string): string => `${recipient}/draft/${id}`,
  everything: `${recipient}/`,
});
export const CURRENT = "current";

/** Let one page of this browser at a time read and write what belongs together. */
export const alone = <T>(work: () => Promise<T>): Promise<T> =>
  "locks" in navigator ? navigator.locks.request("plan", work) as Promise<T> : work();

/** Whether this browser holds a plan that is not known to be this person's. */
export const isHeldForAnother = async (person: string): Promise<boolean> => {
  for (const name of (await names("age1")).filter((each) => each.endsWith("/vault"))) {
    const vault = await get<Vault>(name), at = vault && shelf(vault.recipient);
    // Of a plan that was only looked for, no more than its name lies here.
    if (at && vault.person !== person && (await get(at.slot) || (await names(at.parts)).length)) return true;
  }
  return false;
};
