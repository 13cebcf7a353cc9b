/** What separates the cells of a line. */
export type Delimiter = ',' | ';' | '\t' | '|';

const CANDIDATES: readonly Delimiter[] = [',', ';', '\t', '|'];
const LINES = 100;

/**
 * The delimiter of a text: the candidate that the header holds and that cuts most of the first hundred lines into as
 * many cells as the header; among equals the one with most cells. A text of one column gets the comma. Delimiters
 * and line breaks within quotes do not count.
 */
export function detectDelimiter(text: string): Delimiter {
  let best: Delimiter = ',';
  let bestScore = 0;
  const counts = CANDIDATES.map((delimiter) => cellsPerLine(text, delimiter));
  CANDIDATES.forEach((delimiter, i) => {
    const [header, ...lines] = counts[i];
    if (header === undefined || header < 2) return;
    const alike = lines.filter((cells) => cells === header).length;
    const score = (lines.length === 0 ? 1 : alike / lines.length) + header * 1e-6;
    if (score > bestScore) [best, bestScore] = [delimiter, score];
  });
  return best;
}

function cellsPerLine(text: string, delimiter: string): number[] {
  const counts: number[] = [];
  let cells = 1;
  let quoted = false;
  let content = false;
  let start = true; // at the start of a cell, the only place where a quote opens one
  for (let i = 0; i < text.length && counts.length < LINES; i++) {
    const char = text[i];
    if (char === '"' && (quoted || start)) {
      quoted = !quoted;
      content = true;
      start = quoted || text[i + 1] === '"'; // a doubled quote goes on
    } else if (quoted) continue;
    else if (char === '\n' || char === '\r') {
      if (content) counts.push(cells);
      cells = 1;
      content = false;
      start = true;
    } else {
      content = true;
      if (char === delimiter) cells++;
      start = char === delimiter || (start && char === ' ');
    }
  }
  if (content && counts.length < LINES) counts.push(cells);
  return counts;
}
