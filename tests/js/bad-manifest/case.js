/* gateway-manifest {"hosts": ["https://example.com"]} */
export default () => 1;
