const text = 1;
/* gateway-manifest {"hosts": ["example.com"]} */
export default () => fetch('https://example.com/');
