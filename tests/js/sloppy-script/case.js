total = 0;
with (Math) { total = max(1, 2); }
mainFunction = function (input) { return this === globalThis ? [total, input] : 'strict'; };
