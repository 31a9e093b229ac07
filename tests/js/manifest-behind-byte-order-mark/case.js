/* gateway-manifest {"limits": {"timers": 1}} */
// As editors on Windows write files.
export default () => { setTimeout(() => {}, 1); setTimeout(() => {}, 1); };
