/** Splits a line into words as a shell would; undefined when it needs a shell (pipes, variables, redirections, several commands). */
export function plainWords(line: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (let i = 0; i < line.length; i++) {
    const char = line[i] ?? "";
    if (char === "'" || char === '"') {
      const end = line.indexOf(char, i + 1);
      if (end === -1) return undefined;
      const inside = line.slice(i + 1, end);
      if (char === '"' && /[$`\\]/.test(inside)) return undefined;
      word = (word ?? "") + inside;
      i = end;
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[|&;<>()$`\\*?#~!]/.test(char)) {
      return undefined;
    } else word = (word ?? "") + char;
  }
  if (word !== undefined) words.push(word);
  return words;
}
