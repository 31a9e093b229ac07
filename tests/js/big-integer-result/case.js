// 2^53 and more may have been rounded before: the last digits of an id of a post.
export default () => ({ posts: [{ id: JSON.parse('1564679049192120323') }] });
