/** Whether the server is there, and who wants to know when it goes. */
export interface Liveness {
  available(): boolean;
  /** Returns what takes the call back. */
  onDown(listener: () => void): () => void;
}
