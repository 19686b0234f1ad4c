// The plan as words on a sheet: for paper, and for a file. Knows no page.

/** One part, as it is shown. */
export interface Chapter {
  name: string;
  /** As it was written. */
  text: string;
  /** Such as somebody and their number, one a line. */
  lines: string[];
  /** Letters, each with its title. */
  letters: {title: string; text: string}[];
}
export interface Sheet { title: string; date: string; chapters: Chapter[] }

const blocksOf = ({name, text, lines, letters}: Chapter): string[] => [
  `${name}\n${"-".repeat(Math.min(name.length, 60))}`,
  text.trim(),
  lines.map((line) => `- ${line}`).join("\n"),
  ...letters.map((letter) => `* ${letter.title}\n\n${letter.text.trim()}`),
];

/** Plain text that any program shows. */
export const plainText = ({title, date, chapters}: Sheet): string =>
  `${[`${title}\n${date}`, ...chapters.flatMap(blocksOf)].filter((block) => block.trim()).join("\n\n")}\n`;

/** A name that says nothing: "notes-2026-11-22.txt". `date` in the clock of whoever keeps it. */
export const fileName = (date: Date, ending: "txt" | "age"): string => {
  const [year, month, day] = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return `notes-${year}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}.${ending}`;
};
