export default () => ({ at: new Date(0) });
