// A small card with seven words: on paper, or as a picture. It names neither the service nor what it is for.
// Nothing of it stays behind: the picture's canvas is emptied, its address is taken back.

const WIDTH = 1080, MARGIN = 96, LINE = 128, FILE = "picture.png";

/** The address where the words are typed. */
export const addressOfPlan = (): string => `${location.host}/plan`;

/** Print what has the class `small-card`, and nothing else. */
export const printCard = (): void => {
  const title = document.title;
  const end = (): void => {
    delete document.body.dataset["print"];
    document.title = title;
  };
  document.body.dataset["print"] = "card";
  // Browsers print it at the head of the sheet.
  document.title = location.host;
  addEventListener("afterprint", end, {once: true});
  print();
};

/** Save the words as a picture. */
export const savePicture = async (words: readonly string[]): Promise<void> => {
  const canvas = drawn(words);
  const picture = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  canvas.width = canvas.height = 0;
  if (picture) offer(picture);
};

const drawn = (words: readonly string[]): HTMLCanvasElement => {
  const canvas = document.createElement("canvas"), height = MARGIN * 2 + LINE * (words.length + 1);
  canvas.width = WIDTH;
  canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen) throw new Error("no canvas");
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, WIDTH, height);
  pen.fillStyle = "#000";
  pen.textBaseline = "top";
  pen.font = "600 72px system-ui, sans-serif";
  words.forEach((word, at) => pen.fillText(`${at + 1}  ${word}`, MARGIN, MARGIN + LINE * at));
  pen.font = "40px system-ui, sans-serif";
  pen.fillText(addressOfPlan(), MARGIN, MARGIN + LINE * words.length + 24, WIDTH - MARGIN * 2);
  return canvas;
};

const offer = (picture: Blob): void => {
  const address = URL.createObjectURL(picture), link = document.createElement("a");
  link.href = address;
  link.download = FILE;
  link.click();
  // Safari reads it only after this turn.
  setTimeout(() => URL.revokeObjectURL(address), 1000);
};
