import type { ClusterRoleBindingObject, RoleBindingObject, Subject } from "../generated/types.ts";
import type { ColumnDefinition } from "../kind-definition.ts";
import { ageColumn, nameColumn } from "../shared/columns.ts";

type Binding = RoleBindingObject | ClusterRoleBindingObject;

const ofKind = ({ subjects = [] }: Binding, kind: string, text: (subject: Subject) => string): string => subjects.filter((subject) => subject.kind === kind).map(text).join(", ");

/** Source: pkg/printers/internalversion/printers.go, printRoleBinding, printClusterRoleBinding. */
export const BINDING_COLUMNS: readonly ColumnDefinition<Binding>[] = [
  nameColumn,
  { name: "Role", type: "string", cell: ({ roleRef }) => `${roleRef.kind}/${roleRef.name}` },
  ageColumn,
  { name: "Users", type: "string", priority: 1, cell: (binding) => ofKind(binding, "User", ({ name }) => name) },
  { name: "Groups", type: "string", priority: 1, cell: (binding) => ofKind(binding, "Group", ({ name }) => name) },
  { name: "ServiceAccounts", type: "string", priority: 1, cell: (binding) => ofKind(binding, "ServiceAccount", ({ namespace = "", name }) => `${namespace}/${name}`) },
];
