export default () => ({ at: new Date(0), map: new Map([[1, 2]]) });
