const settings = JSON.parse('{broken');
export default () => settings;
