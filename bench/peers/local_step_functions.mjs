// npm's aws-local-stepfunctions, in its own process: executions of a chain of Pass states, all at once, in memory.
// Prints {"executions_per_second", "transitions_per_second"}.  local_step_functions.mjs STATES EXECUTIONS
import { StateMachine } from "aws-local-stepfunctions";

const [states, executions] = process.argv.slice(2).map(Number);
const chain = { StartAt: "S0", States: {} };
for (let i = 0; i < states; i++) {
  chain.States[`S${i}`] = { Type: "Pass", ...(i + 1 < states ? { Next: `S${i + 1}` } : { End: true }) };
}
const machine = new StateMachine(chain);

async function measure() {
  const begun = performance.now();
  const runs = [];
  for (let i = 0; i < executions; i++) {
    runs.push(machine.run({}).result);
  }
  await Promise.all(runs);
  const seconds = (performance.now() - begun) / 1000;
  return { executions_per_second: executions / seconds, transitions_per_second: (executions * states) / seconds };
}

await measure();
console.log(JSON.stringify(await measure()));
