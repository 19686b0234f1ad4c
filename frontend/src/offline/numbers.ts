export interface Person {name: string; number: string}
export interface Numbers {people: Person[]; opening: string}
export const numbersHere = async (): Promise<Numbers | "shut" | null> => null;
