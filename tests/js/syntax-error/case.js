export default async (input) => {
  const x = input.;
  return x;
};
