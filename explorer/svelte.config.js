// Compiles in runes mode only; static style attributes would break the page's content security policy.
export default { compilerOptions: { runes: true } };
