export default () => ({ a: { supply: JSON.rawJSON('122637770461000000001') } });
