/* gateway-manifest {"limits": {"array_buffer_bytes": 511}} */
export default () => 1;
