// Runs jobs in fresh contexts of this one process. A line in is a job as JSON; the line out has the nanoseconds of each run and
// the last result.
const vm = require('node:vm');
const lines = require('node:readline').createInterface({ input: process.stdin });

async function slice({ code, prelude, input, budgetNs }) {
  const began = process.hrtime.bigint();
  const times = [];
  for (;;) {
    const started = process.hrtime.bigint();
    const context = vm.createContext({ input });
    if (prelude) vm.runInContext(prelude, context);
    vm.runInContext(code, context);
    const body = JSON.stringify(await vm.runInContext('mainFunction(JSON.parse(input))', context));
    const ended = process.hrtime.bigint();
    times.push(Number(ended - started));
    if (ended - began >= BigInt(budgetNs)) return { times, body };
  }
}

(async () => {
  for await (const line of lines) {
    const answer = await slice(JSON.parse(line)).catch((error) => ({ error: `${error}` }));
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
})();
