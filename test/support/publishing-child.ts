import { PublishedBedside } from './published-bedside.js';

/** Publishes a window every 20 ms until it is killed. */
const [, , url, folder] = process.argv;
const bedside = await PublishedBedside.open(url, folder, 'ward-3');
bedside.begin();
let index = 0;
setInterval(() => bedside.window(index++), 20);
