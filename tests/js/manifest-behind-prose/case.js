/**
 * Starts more timers than its manifest allows.
 *
 * gateway-manifest {"limits": {"timers": 1}}
 */
export default () => { setTimeout(() => {}, 1); setTimeout(() => {}, 1); };
