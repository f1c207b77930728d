import { TriangleAlert } from "lucide-react";
import { Component, type ReactNode } from "react";

interface Props {
  /** "The inspector": what broke, for the reader. */
  readonly what: string;
  readonly children: ReactNode;
}

/** Keeps the rest of the page alive when one pane breaks, and offers to try again. */
export class ErrorBoundary extends Component<Props, { readonly error: Error | undefined }> {
  override state: { readonly error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: unknown): { error: Error } {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <div className="pane-broken" role="alert">
        <TriangleAlert size={22} aria-hidden />
        <h3>{this.props.what} broke</h3>
        <p>The cluster runs on, and so does the rest of the page.</p>
        <pre>{error.message}</pre>
        <button type="button" className="button" onClick={() => this.setState({ error: undefined })}>Try again</button>
      </div>
    );
  }
}
