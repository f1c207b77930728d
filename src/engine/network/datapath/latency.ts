/**
 * How long things take, µs. Chosen to be of the right order on a small machine; the ratios are what teaches.
 * Differs: constants in place of load-dependent times.
 */
export const SOCKET_US = 4; // from the stack to the process, or back
export const STACK_US = 3; // one pass through routing and the hooks of a hook point pair
export const VETH_US = 5;
export const BRIDGE_US = 2;
export const LOOPBACK_US = 4;
export const VXLAN_US = 4; // encapsulation or decapsulation
export const WIRE_MIN_US = 150;
export const WIRE_MAX_US = 300;
export const WAN_US = 4_000; // between the router and the outside world
