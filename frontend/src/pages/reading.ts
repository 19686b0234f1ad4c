// The pages of whoever reads in a call: where their browser gets its key, and the page after a yes.
// The second is opened at night on slow lines, so what weighs something is loaded when there is something to open.

import {watch} from "../reading/answer.ts";

const live = document.querySelector<HTMLElement>("[data-live]"), shown = document.getElementById("shown");
if (live && shown) watch(live, shown);
if (document.querySelector("[data-step]")) void import("../reading/pairing.ts").then(({begin}) => begin());
