export default () => [JSON.rawJSON('0.1000000000000000055'), JSON.rawJSON('4.7150')];
