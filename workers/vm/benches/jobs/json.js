// Parses a document of 50 KB, filters and sorts it.
function mainFunction({ document }) {
  return JSON.parse(document)
    .filter((item) => item.price > 500)
    .sort((a, b) => b.price - a.price || a.id - b.id)
    .slice(0, 5);
}
