// node scripts/image-manifest.js: makes package.json here that of the worker's image, which temporal/Dockerfile prunes by.
// An image has no project around it that would bring the peers, so they are dependencies there, at the lockfile's versions. As
// peers they are not safe: npm 11 prunes the optional ones, @google/genai among them, which npm 10 kept.
import { readFileSync, writeFileSync } from 'node:fs';

const { devDependencies: _, ...manifest } = JSON.parse(readFileSync('package.json', 'utf8'));
const dependencies = { ...manifest.dependencies, ...manifest.peerDependencies };
writeFileSync('package.json', `${JSON.stringify({ ...manifest, dependencies }, null, 2)}\n`);
