function mainFunction() {
  return { toJSON: function toJSON() { return [String(toJSON.caller), String(toJSON.arguments?.length)]; } };
}
