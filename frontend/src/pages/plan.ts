// The page of the sealed plan. What it does stands in src/plan; here is only the order in which it begins.
import {keysOf, newSecret} from "../format/keys.ts";
import {openPart, sealPart} from "../format/part.ts";

export {keysOf, newSecret, openPart, sealPart};
