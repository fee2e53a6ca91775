import { Classifier } from '../../src/classify/classifier.js';
import { InThreadClassifier } from '../../src/classify/in-thread-classifier.js';
import { openModel } from '../../src/classify/model.js';

/** What a process costs until its model is warm and has scored its golden windows. */
export interface LoadCost {
  readonly cpuMs: number;
  readonly residentMegabytes: number;
}

/** Run as a program: opens the contract's model with the runtime that is named, or none, and prints {@link LoadCost}. */
const [, , runtime, contractPath] = process.argv;
const model = await openModel(contractPath);
if (runtime === 'kernel') await InThreadClassifier.open(model, 'kernel');
const classifier = runtime === 'litert' ? await Classifier.open({ model, runtime: 'litert' }) : undefined;
const { user, system } = process.cpuUsage();
const cost: LoadCost = {
  cpuMs: (user + system) / 1000,
  residentMegabytes: process.memoryUsage.rss() / 2 ** 20,
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
await classifier?.close();
