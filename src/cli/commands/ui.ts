import { attachDevServer } from '../dev-server/index.js';
import { EXIT } from '../exit.js';
import { configuredTemporal } from '../temporal-target.js';
import { runsUrl } from '../temporal-connection.js';
import { whenPipeBreaks } from '../terminal/broken-pipe.js';
import { installInterruptHandler, onceAborted } from '../terminal/interrupt.js';
import { createOutput, type Output } from '../terminal/output.js';

export async function ui(
  workflowId: string | undefined,
  { json = false }: { readonly json?: boolean },
): Promise<number> {
  const output = createOutput(json);
  using interrupt = installInterruptHandler();
  const { signal } = interrupt;
  const server = await attachDevServer({ onProgress: (line) => output.say(line), signal });
  try {
    const url = workflowId === undefined ? server.uiUrl : runsUrl(server.uiUrl, server.namespace, workflowId);
    output.result({ url }, [url]);
    output.say(`The Web UI of the embedded server, ${server.address}, is served until Ctrl-C.`);
    sayOfConfigured(output);
    // Neither a signal handler nor the server, which is a process of its own, keeps this process alive.
    const alive = setInterval(() => undefined, 60_000);
    await Promise.race([onceAborted(signal), server.lost, whenPipeBreaks()]).finally(() =>
      clearInterval(alive),
    );
  } finally {
    await server.release();
  }
  return EXIT.done;
}

/** A configured server has a Web UI of its own, which the user may have meant. */
function sayOfConfigured(output: Output): void {
  const target = configuredTemporal();
  if (target)
    output.say(
      `Commands use ${target.address} (${target.source}), whose runs are not shown here: it has its own Web UI.`,
    );
}
