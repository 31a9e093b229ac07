// A 256-bit modular exponentiation with BigInt.
function mainFunction({ base, exponent, modulus }) {
  const m = BigInt(modulus);
  let b = BigInt(base);
  let e = BigInt(exponent);
  let out = 1n;
  while (e > 0n) {
    if (e & 1n) out = (out * b) % m;
    b = (b * b) % m;
    e >>= 1n;
  }
  return out.toString(16);
}
