import { duplicate, type FieldError, forbidden, invalid, required } from "../../apimachinery/field-error.ts";
import { isQualifiedName, subdomainName } from "../../apimachinery/names.ts";
import { validateObjectMeta, validateObjectMetaUpdate } from "../../apimachinery/object-meta.ts";
import { compareQuantities, parseQuantity, type Quantity, quantityMilli, quantityValue } from "../../apimachinery/quantity.ts";
import type { LimitRangeItem, LimitRangeObject } from "../generated/types.ts";
import { defineKind } from "../kind-definition.ts";
import { overcommits, validateContainerResourceName, validateResourceName } from "../pod/validation/resources.ts";
import { addInvalid } from "../shared/checks.ts";
import { DEFAULT_COLUMNS } from "../shared/columns.ts";
import { goQuantity, invalidGo } from "../shared/go-syntax.ts";
import { mapChanged, withFields } from "../shared/ordered.ts";
import { own } from "../shared/own.ts";
import { defaultResourceList, type ResourceList } from "../shared/resource-list.ts";

const LISTS = ["max", "min", "default", "defaultRequest", "maxLimitRequestRatio"] as const;

/** Source: pkg/apis/core/v1/defaults.go, SetDefaults_LimitRangeItem; pkg/apis/core/validation/validation.go, ValidateLimitRange; pkg/registry/core/limitrange/strategy.go. */
export const LimitRange = defineKind<LimitRangeObject>({
  group: "", version: "v1", kind: "LimitRange", plural: "limitranges", shortNames: ["limits"], scope: "Namespaced", schemaName: "core/v1.LimitRange",
  defaults: (range) => ({ ...range, spec: { ...range.spec, limits: mapChanged(range.spec.limits, defaultItem) } }),
  // An unnamed one gets a uid for a name.
  prepareForCreate: (range, { uid }) => (range.metadata.name === "" ? { ...range, metadata: { ...range.metadata, name: uid() } } : range),
  validate: validateLimitRange,
  validateUpdate: (range, stored) => [...validateObjectMetaUpdate(range.metadata, stored.metadata), ...validateLimitRange(range)],
  columns: DEFAULT_COLUMNS,
});

/** For containers: no default limit is the maximum, no default request is the default limit, then the minimum. */
function defaultItem(item: LimitRangeItem): LimitRangeItem {
  const rounded = Object.fromEntries(LISTS.map((name) => [name, defaultResourceList(item[name])]));
  if (item.type !== "Container") return withFields("core/v1.LimitRangeItem", item, rounded);
  const limits: ResourceList = { ...rounded["max"], ...rounded["default"] };
  const requests: ResourceList = { ...rounded["min"], ...limits, ...rounded["defaultRequest"] };
  return withFields("core/v1.LimitRangeItem", item, { ...rounded, ...nonEmpty("default", limits), ...nonEmpty("defaultRequest", requests) });
}

const nonEmpty = (name: "default" | "defaultRequest", list: ResourceList): Partial<LimitRangeItem> =>
  Object.keys(list).length === 0 ? {} : { [name]: Object.fromEntries(Object.entries(list).sort(([a], [b]) => (a < b ? -1 : 1))) };

function validateLimitRange(range: LimitRangeObject): FieldError[] {
  const errors = validateObjectMeta(range.metadata, true, subdomainName);
  const types = new Set<string>();
  (range.spec.limits ?? []).forEach((item, index) => {
    const at = `spec.limits[${index}]`;
    checkType(errors, item.type, `${at}.type`);
    if (types.has(item.type)) errors.push(duplicate(`${at}.type`, item.type));
    types.add(item.type);
    validateItem(errors, item, at);
  });
  return errors;
}

/** Source: validateLimitRangeTypeName. */
function checkType(errors: FieldError[], type: string, path: string): void {
  const messages = isQualifiedName(type);
  if (messages.length > 0) return addInvalid(errors, path, type, messages);
  if (!type.includes("/") && !["Pod", "Container", "PersistentVolumeClaim"].includes(type)) errors.push(invalid(path, type, "must be a standard limit type or fully qualified"));
}

type Lists = Readonly<Partial<Record<(typeof LISTS)[number], ResourceList>>>;

function validateItem(errors: FieldError[], item: LimitRangeItem, at: string): void {
  const names = (list: ResourceList = {}): string[] => Object.keys(list).sort();
  const checkName = item.type === "Pod" || item.type === "Container" ? validateContainerResourceName : validateResourceName;
  const check = (field: (typeof LISTS)[number]): void => names(item[field]).forEach((name) => checkName(errors, name, `${at}.${field}[${name}]`));
  check("max");
  check("min");
  if (item.type === "Pod") {
    if (names(item.default).length > 0) errors.push(forbidden(`${at}.default`, "may not be specified when `type` is 'Pod'"));
    if (names(item.defaultRequest).length > 0) errors.push(forbidden(`${at}.defaultRequest`, "may not be specified when `type` is 'Pod'"));
  } else {
    check("default");
    check("defaultRequest");
  }
  if (item.type === "PersistentVolumeClaim" && item.min?.["storage"] === undefined && item.max?.["storage"] === undefined) {
    errors.push(required(`${at}.limits`, "either minimum or maximum storage value is required, but neither was provided"));
  }
  check("maxLimitRequestRatio");
  const lists: Lists = item.type === "Pod" ? { ...item, default: {}, defaultRequest: {} } : item;
  const all = new Set(LISTS.flatMap((field) => Object.keys(lists[field] ?? {})));
  for (const name of [...all].sort()) validateAmounts(errors, lists, name, at);
}

/** The amounts of one resource against each other. Differs: with several resources upstream's order follows its map. */
function validateAmounts(errors: FieldError[], lists: Lists, name: string, at: string): void {
  const read = (field: (typeof LISTS)[number]): Amount | undefined => amountOf(own(lists[field], name));
  const [max, min, limit, request, ratio] = [read("max"), read("min"), read("default"), read("defaultRequest"), read("maxLimitRequestRatio")];
  const report = (field: (typeof LISTS)[number], value: Amount, text: string): number => errors.push(invalidGo(`${at}.${field}[${name}]`, goQuantity(value.text), text));
  const above = (a: Amount | undefined, b: Amount | undefined): boolean => a !== undefined && b !== undefined && compareQuantities(a.value, b.value) > 0;
  if (min && max && above(min, max)) report("min", min, `min value ${min.text} is greater than max value ${max.text}`);
  if (request && min && above(min, request)) report("defaultRequest", request, `min value ${min.text} is greater than default request value ${request.text}`);
  if (request && max && above(request, max)) report("defaultRequest", request, `default request value ${request.text} is greater than max value ${max.text}`);
  if (request && limit && above(request, limit)) report("defaultRequest", request, `default request value ${request.text} is greater than default limit value ${limit.text}`);
  if (limit && min && above(min, limit)) report("default", min, `min value ${min.text} is greater than default value ${limit.text}`);
  if (limit && max && above(limit, max)) report("default", max, `default value ${limit.text} is greater than max value ${max.text}`);
  if (ratio && compareQuantities(ratio.value, ONE) < 0) report("maxLimitRequestRatio", ratio, `ratio ${ratio.text} is less than 1`);
  if (ratio && min && max) {
    const fine = [ratio, min, max].every(({ text }) => quantityValue(text) < MAX_MILLI_VALUE);
    const of = fine ? quantityMilli : quantityValue;
    const highest = of(max.text) / of(min.text);
    if (of(ratio.text) / (fine ? 1000 : 1) > highest) report("maxLimitRequestRatio", ratio, `ratio ${ratio.text} is greater than max/min = ${highest.toFixed(6)}`);
  }
  if (!overcommits(name) && limit && request && compareQuantities(limit.value, request.value) !== 0) {
    errors.push(invalid(`${at}.defaultRequest[${name}]`, name, `default value ${limit.text} must equal to defaultRequest value ${request.text} in ${name}`));
  }
}

interface Amount {
  readonly text: string;
  readonly value: Quantity;
}
/** Amounts above this have no thousandths. Source: apimachinery/pkg/api/resource, MaxMilliValue. */
const MAX_MILLI_VALUE = 9_223_372_036_854_776;
const ONE: Quantity = { nanos: 1_000_000_000n, format: "DecimalSI" };

function amountOf(text: string | undefined): Amount | undefined {
  if (text === undefined) return undefined;
  const parsed = parseQuantity(text);
  return parsed.ok ? { text, value: parsed.value } : undefined;
}
