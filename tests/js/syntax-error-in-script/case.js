function mainFunction(input) {
  return input.a +;
}
