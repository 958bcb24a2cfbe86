/** A PNG in 256 colours by Debian's pngquant: a third of the size, and no difference to see in a page of text. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';

export async function quantize(png) {
  const child = spawn('pngquant', ['--speed', '1', '--strip', '-'], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.on('error', (error) => child.stdin.destroy(error));
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  child.stdin.end(png);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`pngquant ended with ${code}`);
  return Buffer.concat(chunks);
}
