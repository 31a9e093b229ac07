export default class Price {
  fetch() { return 1; }
}
