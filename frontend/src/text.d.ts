// The list of words is read as it is.
declare module "*.txt" {
  const words: string;
  export default words;
}
