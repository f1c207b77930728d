/**
 * What the kernel's terminal driver does between a keyboard and a shell: whole lines, erase, Ctrl-C, Ctrl-D, and echo.
 * Source: termios(3), canonical mode. `echo` is for a raw terminal on the other side; a page that echoes by itself leaves it out.
 */
export class LineDiscipline {
  private line = "";
  private readonly deliver: (text: string) => void;
  private readonly end: () => void;
  private readonly interrupt: () => void;
  private readonly echo: ((text: string) => void) | undefined;

  constructor(handlers: { readonly deliver: (text: string) => void; readonly end: () => void; readonly interrupt: () => void; readonly echo: ((text: string) => void) | undefined }) {
    this.deliver = handlers.deliver;
    this.end = handlers.end;
    this.interrupt = handlers.interrupt;
    this.echo = handlers.echo;
  }

  type(text: string): void {
    for (const key of text.replaceAll("\r\n", "\n")) this.key(key);
  }

  private key(key: string): void {
    switch (key) {
      case "\r":
      case "\n":
        this.echo?.("\r\n");
        this.deliver(`${this.line}\n`);
        this.line = "";
        return;
      case "\x7f":
      case "\b":
        if (this.line === "") return;
        this.line = [...this.line].slice(0, -1).join("");
        this.echo?.("\b \b");
        return;
      case "\x03":
        this.line = "";
        this.echo?.("^C\r\n");
        this.interrupt();
        return;
      case "\x04":
        if (this.line === "") this.end();
        else {
          this.deliver(this.line);
          this.line = "";
        }
        return;
      case "\x15":
        this.echo?.("\b \b".repeat(this.line.length));
        this.line = "";
        return;
      default:
        if (key < " " && key !== "\t") return;
        this.line += key;
        this.echo?.(key);
    }
  }
}
