// Builds 50 KB of text and searches it with regular expressions.
function mainFunction({ users }) {
  let text = '';
  for (let i = 0; i < users; i++) text += `user${i}@example${i % 7}.com, `;
  const found = text.match(/[a-z]+\d+@[a-z]+3\.com/g) ?? [];
  return [found.length, found.map((mail) => mail.toUpperCase()).join('|').length, text.replace(/\d/g, '').length];
}
