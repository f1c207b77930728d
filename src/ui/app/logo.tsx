/** A heptagon of glass, half full, with pods in it. */
export function Logo({ size = 24 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" className="logo" aria-hidden>
      <path className="logo-water" d="M4.4 17.6c2.6-1.9 4.8-1.9 7.4 0s4.8 1.9 7.4 0 5.2-1.9 8.4-.2l-.6 3.7-6.1 7.6h-9.8L5 21.1z" />
      <path className="logo-glass" d="M16 3.2 26.3 8.2 28.8 19.300 21.700 28.200 10.300 28.200 3.200 19.300 5.700 8.200z" />
      <circle className="logo-pod" cx="11.800" cy="13.200" r="2.300" />
      <circle className="logo-pod-2" cx="19.600" cy="11.200" r="1.700" />
      <circle className="logo-pod" cx="19.700" cy="21.800" r="2.500" />
    </svg>
  );
}
