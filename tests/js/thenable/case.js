export default () => ({ then(resolve) { resolve({ from: 'a thenable' }); } });
