export default () => Reflect.construct(Function, ['return globalThis'])();
