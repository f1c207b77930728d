import { expect, test } from "vitest";
import { plainWords } from "./words.ts";

test.each([
  ["kubectl get pods", ["kubectl", "get", "pods"]],
  ["  kubectl   get 'a b'  ", ["kubectl", "get", "a b"]],
  ['kubectl exec x -- sh -c "echo hi; ls"', ["kubectl", "exec", "x", "--", "sh", "-c", "echo hi; ls"]],
  ["kubectl get pod -o jsonpath={.items[0].metadata.name}", ["kubectl", "get", "pod", "-o", "jsonpath={.items[0].metadata.name}"]],
  ["a''b", ["ab"]],
  ["", []],
])("%j is one plain command", (line, words) => {
  expect(plainWords(line)).toEqual(words);
});

test.each(["a | b", "a > f", "echo $HOME", 'echo "$HOME"', "a && b", "ls *", "a; b", "echo 'open", "# no", "echo `date`", "a \\\n b"])("%j needs a shell", (line) => {
  expect(plainWords(line)).toBeUndefined();
});
