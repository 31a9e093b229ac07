const nested = () => ({ toJSON: () => ({ nested: nested() }) });
export default () => nested();
