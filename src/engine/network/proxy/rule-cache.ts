/** Filled in below: rules that the proxies of all nodes share. */
export class RuleCache {}
