// Help with typing words of the list: what a word begun may become, and which words are not in it.

const words = () => import("../format/words.ts");
type Field = HTMLInputElement | HTMLTextAreaElement;

/** Where the word stands in which the cursor is. */
const wordAt = (field: Field): [number, number] => {
  const at = field.selectionEnd ?? field.value.length;
  const before = /\p{L}*$/u.exec(field.value.slice(0, at))?.[0].length ?? 0;
  const after = /^\p{L}*/u.exec(field.value.slice(at))?.[0].length ?? 0;
  return [at - before, at + after];
};

/**
 * Show in `offered` what the word being typed may become, and in `slips` (if given) the finished ones that are not in
 * the list. `slips` is hidden while there are none; the words are written into its `[data-slips]`.
 */
export const help = (field: Field, offered: HTMLElement, slips?: HTMLElement): void => {
  const show = async (): Promise<void> => {
    const {begunAs, unknownIn} = await words(), [start, end] = wordAt(field), begun = field.value.slice(start, end);
    const found = begunAs(begun.toLowerCase()), isWhole = found.length === 1 && found[0] === begun.toLowerCase();
    offered.replaceChildren(...(isWhole ? [] : found).map((word) => choice(word, () => take(word))));
    if (slips) showSlips(slips, unknownIn(`${field.value.slice(0, start)} ${field.value.slice(end)}`));
  };
  const take = (word: string): void => {
    const [start, end] = wordAt(field), isMore = field instanceof HTMLTextAreaElement;
    field.setRangeText(isMore ? `${word} ` : word, start, end, "end");
    offered.replaceChildren();
    field.focus();
    field.dispatchEvent(new Event("input", {bubbles: true}));
  };
  field.addEventListener("input", () => void show());
};

const choice = (word: string, take: () => void): HTMLElement => {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn";
  button.textContent = word;
  button.addEventListener("click", take);
  return button;
};

/** Show words that are not in the list; true when there are some. */
export const showSlips = (slips: HTMLElement, unknown: string[]): boolean => {
  const said = slips.querySelector("[data-slips]");
  if (said) said.textContent = unknown.map((word) => `“${word}”`).join(", ");
  slips.hidden = unknown.length === 0;
  return unknown.length > 0;
};

/** Show the one of the sentences `[data-tell="what"]` of a screen, and none of the others; "" shows none. */
export const tell = (section: ParentNode, what: string): void => {
  for (const each of section.querySelectorAll<HTMLElement>("[data-tell]")) each.hidden = each.dataset["tell"] !== what;
};

/** Let `work` be done once at a time, and let the button that began it look so. */
export const busy = async (button: HTMLElement | null, work: () => Promise<void>): Promise<void> => {
  if (button?.getAttribute("aria-busy") === "true") return;
  button?.setAttribute("aria-busy", "true");
  try {
    // What is shown is drawn before the browser has its hands full.
    await new Promise((resolve) => setTimeout(resolve, 30));
    await work();
  } finally {
    button?.removeAttribute("aria-busy");
  }
};

/** The field called `name` of a form. */
export const field = (form: HTMLFormElement, name: string): HTMLInputElement =>
  form.elements.namedItem(name) as HTMLInputElement;
