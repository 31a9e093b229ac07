export default () => 'ok \ud800';
