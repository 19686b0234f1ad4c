// What sw.js remembers for the page that stands in: a call that was pressed in vain, and a quick exit.
// The same small database; nothing in it says who somebody is, or anything of the plan.

/** A call that did not get through. */
export interface Press {
  need: string;
  /** The page it was pressed on. */
  path: string;
  /** What that page said it was made after, so that a press which got through unheard counts once. */
  after: string;
  /** Milliseconds since 1970, by this device's clock. */
  at: number;
  /** It was waited for in vain, so it may have gone out. */
  unsure: boolean;
  /** It was just now pressed on the page that shows this one instead. */
  fresh: boolean;
}

interface Names {
  press: Press;
  left: number;
}

const using = <Found>(mode: IDBTransactionMode, use: (all: IDBObjectStore) => IDBRequest<Found>): Promise<Found> =>
  new Promise((done, failed) => {
    const asked = indexedDB.open("night", 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore("kept"); };
    asked.onerror = () => failed(asked.error);
    asked.onsuccess = () => {
      const database = asked.result, work = database.transaction("kept", mode), found = use(work.objectStore("kept"));
      work.oncomplete = () => { database.close(); done(found.result); };
      work.onabort = () => failed(work.error);
    };
  });

// Where a browser keeps nothing, an open page still tries.
const here = new Map<keyof Names, Names[keyof Names]>();

export const recall = async <Name extends keyof Names>(name: Name): Promise<Names[Name] | undefined> =>
  using("readonly", (all) => all.get(name) as IDBRequest<Names[Name] | undefined>)
    .catch(() => here.get(name) as Names[Name] | undefined);

export const remember = async <Name extends keyof Names>(name: Name, value: Names[Name]): Promise<void> => {
  here.set(name, value);
  await using("readwrite", (all) => all.put(value, name)).catch(() => undefined);
};

export const forget = async (name: keyof Names): Promise<void> => {
  here.delete(name);
  await using("readwrite", (all) => all.delete(name)).catch(() => undefined);
};
