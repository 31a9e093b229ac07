export default () => Promise.reject({ error: { code: 404, reason: 'gone' } });
