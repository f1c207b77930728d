/** What the line editor needs of a terminal. */
export interface Screen {
  write(text: string): void;
  readonly columns: number;
}

export interface LineEvents {
  /** Enter: the line, without its newline. */
  submit(line: string): void;
  /** Ctrl-D on an empty line. */
  endOfInput(): void;
  /** What could stand at the cursor: completions of the word before it, and where that word begins. */
  complete(line: string, cursor: number): Promise<{ readonly from: number; readonly options: readonly string[] }>;
}

const HISTORY_MAX = 500;

/** A line with history and completion, as readline edits it. Keys arrive as the terminal sends them. */
export class LineEditor {
  private line = "";
  private cursor = 0;
  private readonly history: string[] = [];
  private place = 0;
  private draft = "";
  private search: { query: string; index: number } | undefined;

  constructor(
    private readonly screen: Screen,
    private readonly events: LineEvents,
    private prompt: string,
  ) {}

  /** Shows the prompt and an empty line. */
  begin(prompt = this.prompt): void {
    this.prompt = prompt;
    this.line = "";
    this.cursor = 0;
    this.place = this.history.length;
    this.redraw();
  }

  key(data: string): void {
    if (this.search !== undefined) return this.searchKey(data);
    switch (data) {
      case "\r": return this.submit();
      case "\u007f": case "\b": return this.replace(this.cursor - 1, this.cursor, "");
      case "\u001b[3~": return this.replace(this.cursor, this.cursor + 1, "");
      case "\u001b[D": case "\u0002": return this.move(this.cursor - 1);
      case "\u001b[C": case "\u0006": return this.move(this.cursor + 1);
      case "\u001b[H": case "\u0001": case "\u001bOH": return this.move(0);
      case "\u001b[F": case "\u0005": case "\u001bOF": return this.move(this.line.length);
      case "\u001b[1;5D": case "\u001bb": return this.move(this.wordStart());
      case "\u001b[1;5C": case "\u001bf": return this.move(this.wordEnd());
      case "\u001b[A": case "\u0010": return this.recall(-1);
      case "\u001b[B": case "\u000e": return this.recall(1);
      case "\u0015": return this.replace(0, this.cursor, "");
      case "\u000b": return this.replace(this.cursor, this.line.length, "");
      case "\u0017": return this.replace(this.wordStart(), this.cursor, "");
      case "\u000c":
        this.screen.write("\u001b[2J\u001b[H");
        return this.redraw();
      case "\u0003":
        this.screen.write("^C\r\n");
        return this.begin();
      case "\u0004": return this.line === "" ? this.events.endOfInput() : this.replace(this.cursor, this.cursor + 1, "");
      case "\u0012":
        this.search = { query: "", index: this.history.length };
        return this.redraw();
      case "\t": return void this.complete();
      default:
        if (!data.startsWith("\u001b")) this.insert(data);
    }
  }

  /** Pasted text: every full line is run, the rest waits for Enter. */
  private insert(text: string): void {
    const [first = "", ...more] = text.replaceAll("\r\n", "\n").replaceAll("\r", "\n").split("\n");
    const clean = [...first].filter((char) => char >= " ").join("");
    this.replace(this.cursor, this.cursor, clean);
    if (more.length > 0) this.submit(more.join("\n"));
  }

  private submit(pending = ""): void {
    const line = this.line;
    this.move(line.length);
    this.screen.write("\r\n");
    if (line.trim() !== "" && this.history.at(-1) !== line) this.history.push(line);
    if (this.history.length > HISTORY_MAX) this.history.shift();
    this.pendingPaste = pending;
    this.events.submit(line);
  }

  private pendingPaste = "";

  /** What was pasted behind the line that has just run. */
  takePending(): string {
    const pending = this.pendingPaste;
    this.pendingPaste = "";
    return pending;
  }

  private recall(step: number): void {
    if (this.place === this.history.length) this.draft = this.line;
    const place = Math.min(this.history.length, Math.max(0, this.place + step));
    this.place = place;
    this.set(place === this.history.length ? this.draft : (this.history[place] ?? ""));
  }

  private searchKey(data: string): void {
    const search = this.search;
    if (search === undefined) return;
    const find = (query: string, before: number): void => {
      let index = before;
      do index -= 1;
      while (index >= 0 && !(this.history[index] ?? "").includes(query));
      this.search = { query, index: index < 0 ? search.index : index };
      this.redraw();
    };
    if (data === "\u0012") return find(search.query, search.index);
    if (data === "\u007f") return find(search.query.slice(0, -1), this.history.length);
    if (data.length === 1 && data >= " ") return find(search.query + data, this.history.length);
    this.search = undefined;
    if (data !== "\u0003" && data !== "\u001b") this.set(this.history[search.index] ?? this.line);
    else this.redraw();
    if (data === "\r") this.submit();
  }

  private async complete(): Promise<void> {
    const { line, cursor } = this;
    const { from, options } = await this.events.complete(line, cursor);
    if (this.line !== line || this.cursor !== cursor || options.length === 0) return;
    const common = options.reduce((a, b) => {
      let i = 0;
      while (i < a.length && a[i] === b[i]) i += 1;
      return a.slice(0, i);
    });
    if (common.length > cursor - from) this.replace(from, cursor, options.length === 1 && !common.endsWith("/") ? `${common} ` : common);
    else if (options.length > 1) {
      this.screen.write(`\r\n${options.slice(0, 100).join("  ")}${options.length > 100 ? `  … ${options.length - 100} more` : ""}\r\n`);
      this.redraw();
    }
  }

  private wordStart(): number {
    return this.line.slice(0, this.cursor).search(/\S+\s*$/) === -1 ? 0 : this.line.slice(0, this.cursor).search(/\S+\s*$/);
  }

  private wordEnd(): number {
    const next = /^\s*\S+/.exec(this.line.slice(this.cursor));
    return this.cursor + (next?.[0].length ?? 0);
  }

  private move(to: number): void {
    this.cursor = Math.min(this.line.length, Math.max(0, to));
    this.redraw();
  }

  private replace(from: number, to: number, text: string): void {
    if (from < 0 || to > this.line.length) return;
    this.line = this.line.slice(0, from) + text + this.line.slice(to);
    this.cursor = from + text.length;
    this.redraw();
  }

  private set(line: string): void {
    this.line = line;
    this.cursor = line.length;
    this.redraw();
  }

  private rowsAbove = 0;

  /** Writes the whole line anew: simple, and right for lines that wrap. */
  private redraw(): void {
    const visible = (text: string): number => text.split("\u001b[").map((part, i) => (i === 0 ? part : part.slice(part.indexOf("m") + 1))).join("").length;
    const prompt = this.search === undefined ? this.prompt : `(reverse-i-search)\`${this.search.query}': `;
    const text = this.search === undefined ? this.line : (this.history[this.search.index] ?? "");
    const cursor = this.search === undefined ? this.cursor : text.length;
    const { columns } = this.screen;
    const end = visible(prompt) + text.length;
    const at = visible(prompt) + cursor;
    const up = this.rowsAbove > 0 ? `\u001b[${this.rowsAbove}A` : "";
    const wrap = end > 0 && end % columns === 0 ? "\r\n" : "";
    const back = Math.floor(end / columns) - Math.floor(at / columns);
    this.screen.write(`${up}\r\u001b[J${prompt}${text}${wrap}${back > 0 ? `\u001b[${back}A` : ""}\r${at % columns > 0 ? `\u001b[${at % columns}C` : ""}`);
    this.rowsAbove = Math.floor(at / columns);
  }

  /** The next redraw starts on a line of its own. */
  forgetPosition(): void {
    this.rowsAbove = 0;
  }
}
